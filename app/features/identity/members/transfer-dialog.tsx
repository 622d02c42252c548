import { useRevalidator } from '@remix-run/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { Member } from '../../../../server/identity/members/members.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'

interface TransferDialogProps {
  member: Member
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function TransferDialog({ member, ...dialog }: TransferDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { revalidate } = useRevalidator()
  const transfer = useMutation(
    trpc.members.transferOwnership.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries(trpc.members.list.pathFilter())
        // The caller may do less from now on, and is offered less.
        revalidate()
        toast.success(`${member.name} owns the workspace now.`)
        dialog.onOpenChange(false)
      },
    }),
  )
  return (
    <ConfirmDialog
      {...dialog}
      title={`Hand the workspace over to ${member.name}?`}
      description="They become its owner and you an admin. Only they can give it back."
      action="Hand over"
      typed={member.name}
      isBusy={transfer.isPending}
      error={transfer.error}
      onConfirm={() => transfer.mutate({ userId: member.userId })}
    />
  )
}
