import { useNavigate } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { CreateWorkspace } from '../../../../server/identity/workspaces/workspaces.contract.ts'
import { pathIn } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'

interface CreateTeamDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export const CreateTeamDialog = (props: CreateTeamDialogProps) => (
  <Dialog
    {...props}
    title="New team"
    description="A workspace for several people, with agents, keys and a plan of its own. You are its owner."
  >
    <CreateTeamForm onDone={() => props.onOpenChange(false)} />
  </Dialog>
)

function CreateTeamForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const form = useContractForm(CreateWorkspace, { defaultValues: { name: '' } })
  const { errors } = form.formState
  const create = useMutation(
    trpc.workspaces.create.mutationOptions({
      onSuccess: ({ id }) => {
        onDone()
        navigate(pathIn(id, '/members'))
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => create.mutate(input))}>
      <TextField label="Name" autoComplete="organization" maxLength={100} error={problem(errors.name)} {...form.register('name')} />
      {create.isError && Object.keys(errors).length === 0 && <ErrorNotice error={create.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending || create.isSuccess}>
          Create team
        </Button>
      </DialogActions>
    </form>
  )
}
