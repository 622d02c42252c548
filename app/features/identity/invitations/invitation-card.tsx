import { useMutation, useQuery } from '@tanstack/react-query'
import { pathIn } from '../../../workspace/workspace.ts'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button, ButtonLink } from '../../../ui/button.tsx'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { roleTexts } from '../members/member-roles.ts'
import { forgetInvitationToken, useInvitationToken } from './use-invitation-token.ts'

/** What an invitation is for, and the way in. To look at it does not use it up. */
export function InvitationCard({ visitor }: { visitor: { email: string | null } | null }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const token = useInvitationToken()
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => client.invitations.look.mutate({ token: token ?? '' }),
    enabled: Boolean(token),
    retry: false,
  })
  const accept = useMutation(
    trpc.invitations.accept.mutationOptions({
      // A fresh page, which knows of the new workspace.
      onSuccess: ({ id }) => {
        forgetInvitationToken()
        window.location.assign(pathIn(id, '/agents'))
      },
    }),
  )
  if (token === '') return <Notice tone="warn">The link is not whole. Open it as it was sent to you.</Notice>
  if (invitation.isError) return <ErrorNotice error={invitation.error} />
  if (!invitation.data || !token) return <SkeletonList rows={1} className="h-32" />
  const { workspace, email, role, invitedBy, expiresAt } = invitation.data
  const next = { search: `?next=${encodeURIComponent('/invitation')}`, hash: token }
  return (
    <div className="grid gap-5">
      <p>
        {invitedBy ?? 'Somebody'} invites you to <strong>{workspace.name}</strong> as {role} ({roleTexts[role]}).
      </p>
      <p className="text-sm text-muted">
        The invitation is for {email} and works until <Time at={expiresAt} />.
      </p>
      {accept.isError && <ErrorNotice error={accept.error} />}
      {visitor ? (
        <div className="grid gap-3">
          <Button look="primary" isBusy={accept.isPending || accept.isSuccess} onClick={() => accept.mutate({ token })}>
            Join {workspace.name}
          </Button>
          {visitor.email && <p className="text-center text-sm text-muted">You are signed in as {visitor.email}.</p>}
        </div>
      ) : (
        <div className="grid gap-3">
          <ButtonLink look="primary" to={{ pathname: '/register', ...next }}>
            Create an account
          </ButtonLink>
          <ButtonLink to={{ pathname: '/login', ...next }}>Sign in</ButtonLink>
        </div>
      )}
    </div>
  )
}
