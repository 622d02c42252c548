import { useMutation, useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'

/** Says that the address is not confirmed, and sends the link again. Nothing where it is. */
export function UnverifiedNotice() {
  const trpc = useTRPC()
  const status = useQuery(trpc.mailbox.status.queryOptions({}))
  const send = useMutation(trpc.mailbox.sendVerification.mutationOptions())
  if (!status.data || status.data.email === null || status.data.isVerified) return null
  return (
    <Notice tone="warn">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role={send.isSuccess ? 'status' : undefined}>
          {send.isSuccess ? send.data.message : `Your address ${status.data.email} is not confirmed yet.`}
        </p>
        {!send.isSuccess && (
          <Button onClick={() => send.mutate({})} isBusy={send.isPending} className="text-ink">
            Send the link again
          </Button>
        )}
      </div>
      {send.isError && <ErrorNotice error={send.error} />}
    </Notice>
  )
}
