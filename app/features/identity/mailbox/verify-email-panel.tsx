import { Link } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button, ButtonLink } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { useLinkToken } from './use-link-token.ts'

/** Nothing happens before the button is pressed: programs that look through mail open links too. */
export function VerifyEmailPanel({ isSignedIn }: { isSignedIn: boolean }) {
  const trpc = useTRPC()
  const token = useLinkToken()
  const verify = useMutation(trpc.mailbox.verify.mutationOptions())
  if (verify.isSuccess) {
    return (
      <>
        <Notice>
          <p role="status">{verify.data.message}</p>
        </Notice>
        <Link to="/agents" className="text-center text-sm font-medium underline underline-offset-4">
          Go to your agents
        </Link>
      </>
    )
  }
  if (token === '') return <Notice tone="warn">This page is opened by the link in a mail. Settings can send you one.</Notice>
  if (!isSignedIn) {
    return (
      <>
        <p className="text-sm text-muted">Sign in to the account this address is of; then you can confirm it here.</p>
        <ButtonLink look="primary" to={`/login?next=${encodeURIComponent(`/verify-email#${token ?? ''}`)}`}>
          Sign in
        </ButtonLink>
      </>
    )
  }
  return (
    <>
      <p className="text-sm text-muted">If you did not give this address to an account of yours, do not confirm it.</p>
      {verify.isError && <ErrorNotice error={verify.error} />}
      <Button look="primary" isBusy={verify.isPending} disabled={token === undefined} onClick={() => verify.mutate({ token: token ?? '' })}>
        Confirm the address
      </Button>
    </>
  )
}
