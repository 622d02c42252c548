import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { RotateCw, X } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Invitation } from '../../../../server/identity/invitations/invitations.contract.ts'
import { useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { IconButton } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { grantable } from '../members/member-roles.ts'
import { InvitationLink } from './invite-dialog.tsx'

/** Who was asked and has not come yet; nothing where there is nobody. */
export function InvitationList() {
  const trpc = useTRPC()
  const { data: invitations, error, isError, refetch } = useQuery(trpc.invitations.list.queryOptions())
  if (!invitations) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : null
  if (invitations.length === 0) return null
  return (
    <section className="mt-8 grid gap-3">
      <h2>Invited</h2>
      <ul aria-label="Invitations" className="rounded-xl border border-line bg-surface">
        {invitations.map((invitation) => (
          <InvitationRow key={invitation.id} invitation={invitation} />
        ))}
      </ul>
    </section>
  )
}

const isPast = (at: string): boolean => Date.parse(at) < Date.now()

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { workspace } = useWorkspaces()
  const [link, setLink] = useState<string | null>(null)
  const refresh = () => void queries.invalidateQueries(trpc.invitations.list.pathFilter())
  const onError = (error: unknown) => void toast.error(describeError(error).message)
  const { id, email, role, invitedBy, expiresAt } = invitation
  const resend = useMutation(
    trpc.invitations.resend.mutationOptions({
      onSuccess: ({ link }) => {
        refresh()
        if (link) setLink(link)
        else toast.success(`The invitation is on its way to ${email} once more.`)
      },
      onError,
    }),
  )
  const revoke = useMutation(
    trpc.invitations.revoke.mutationOptions({
      onSuccess: () => {
        refresh()
        toast.success(`The invitation of ${email} is withdrawn.`)
      },
      onError,
    }),
  )
  const isOver = isPast(expiresAt)
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="font-medium [overflow-wrap:anywhere]">{email}</p>
        <p className="text-sm text-muted">
          as {role}
          {invitedBy && `, by ${invitedBy}`} ·{' '}
          <span className={isOver ? 'text-danger' : undefined}>
            {isOver ? 'expired' : 'expires'} <Time at={expiresAt} />
          </span>
        </p>
      </div>
      {grantable(workspace.role).includes(role) && (
        <div className="flex">
          <IconButton
            label={`Send the invitation of ${email} anew`}
            disabled={resend.isPending}
            onClick={() => resend.mutate({ invitationId: id })}
          >
            <RotateCw size={16} aria-hidden />
          </IconButton>
          <IconButton
            label={`Withdraw the invitation of ${email}`}
            disabled={revoke.isPending}
            onClick={() => revoke.mutate({ invitationId: id })}
          >
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      )}
      <Dialog isOpen={link !== null} onOpenChange={() => setLink(null)} title="Send them this link" canDismiss={false}>
        {link !== null && <InvitationLink link={link} onDone={() => setLink(null)} />}
      </Dialog>
    </li>
  )
}
