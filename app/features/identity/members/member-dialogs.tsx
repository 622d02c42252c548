import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import type { KeysDecision, Member } from '../../../../server/identity/members/members.contract.ts'
import type { Role } from '../../../../server/platform/core/roles.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { KeysQuestion, keysToDecide } from './keys-question.tsx'

interface MemberDialogProps {
  member: Member
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function RemoveMemberDialog({ member, ...dialog }: MemberDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const remove = useMutation(
    trpc.members.remove.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries(trpc.members.list.pathFilter())
        toast.success(`${member.name} is no longer in the workspace.`)
        dialog.onOpenChange(false)
      },
    }),
  )
  return (
    <DecisionDialog
      {...dialog}
      title={`Remove ${member.name}?`}
      description="They see nothing of this workspace from then on. What they made in it stays."
      action="Remove"
      who={member.name}
      error={remove.error}
      isBusy={remove.isPending}
      onConfirm={(keys) => remove.mutate({ userId: member.userId, keys })}
      onReset={remove.reset}
    />
  )
}

export function ChangeRoleDialog({ member, role, ...dialog }: MemberDialogProps & { role: Role }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const change = useMutation(
    trpc.members.changeRole.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries(trpc.members.list.pathFilter())
        toast.success(`${member.name} is ${role} now.`)
        dialog.onOpenChange(false)
      },
    }),
  )
  return (
    <DecisionDialog
      {...dialog}
      title={`Make ${member.name} ${role}?`}
      description={`They are ${member.role} now. It holds at once.`}
      action="Change role"
      who={member.name}
      error={change.error}
      isBusy={change.isPending}
      onConfirm={(keys) => change.mutate({ userId: member.userId, role, keys })}
      onReset={change.reset}
    />
  )
}

interface DecisionDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
  title: string
  description: string
  action: string
  who: string
  error: unknown
  isBusy: boolean
  onConfirm(keys: KeysDecision | undefined): void
  /** Forgets the failure before. */
  onReset(): void
}

/** Asks before a change of members; and, once the server has said that there are keys, what becomes of them. */
export function DecisionDialog({ who, action, error, isBusy, onConfirm, onReset, ...dialog }: DecisionDialogProps) {
  const [decision, setDecision] = useState<KeysDecision>('keep')
  const keys = keysToDecide(error)
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) onReset()
    dialog.onOpenChange(isOpen)
  }
  return (
    <Dialog {...dialog} onOpenChange={setOpen}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          onConfirm(keys && decision)
        }}
      >
        {keys ? (
          <KeysQuestion keys={keys} who={who} decision={decision} onDecide={setDecision} />
        ) : (
          error !== null && <ErrorNotice error={error} />
        )}
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button type="submit" look="danger" isBusy={isBusy}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
