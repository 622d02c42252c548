import { useMutation } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button, ButtonLink } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'

const neverChanges = () => () => undefined
const tokenInAddress = (): string => window.location.hash.slice(1)
/** On the server. */
const notKnownYet = (): string | null => null

/** Takes the deletion of an account back. What proves it is behind the # of the address, which no server is told. */
export function RestoreForm() {
  const trpc = useTRPC()
  const token = useSyncExternalStore(neverChanges, tokenInAddress, notKnownYet)
  const restore = useMutation(trpc.users.restore.mutationOptions())
  if (restore.isSuccess)
    return (
      <div className="grid gap-4">
        <Notice>Your account is back. Agents stay stopped until you start them, and teams have to invite you again.</Notice>
        <ButtonLink to="/login" look="primary">
          Sign in
        </ButtonLink>
      </div>
    )
  if (token === '') return <Notice tone="warn">The link is not whole. Open it from the mail, or paste all of it.</Notice>
  return (
    <div className="grid gap-4">
      <p className="text-sm text-muted">Your account, and the workspaces that were yours alone, are opened again as they were.</p>
      {restore.isError && <ErrorNotice error={restore.error} />}
      <Button look="primary" isBusy={restore.isPending} disabled={!token} onClick={() => restore.mutate({ token: token! })}>
        Take it back
      </Button>
    </div>
  )
}
