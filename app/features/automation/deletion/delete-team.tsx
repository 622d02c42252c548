import { useNavigate } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { Section } from '../../../ui/page.tsx'

/** For owners of a team. Where it is taken back is in the settings of their own, to which this leads. */
export function DeleteTeam() {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const { name } = useWorkspaces().workspace
  const [isAsking, setAsking] = useState(false)
  const remove = useMutation(
    trpc.workspaces.delete.mutationOptions({
      onSuccess: () => {
        toast.success(`“${name}” is deleted. You can take it back here for seven days.`)
        navigate('/settings')
      },
    }),
  )
  return (
    <Section
      title="Delete the team"
      about="Nobody gets in any more, its keys are refused and its agents stop. Everything of it is erased after seven days, in which an owner can take it back."
    >
      <Button look="danger" className="justify-self-start" onClick={() => setAsking(true)}>
        Delete team
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={`Delete “${name}”?`}
        description="With it go its agents, their messages, memory and files, and what is left of its credits."
        typed={name}
        action="Delete team"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ name })}
      />
    </Section>
  )
}
