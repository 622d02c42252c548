import { useRevalidator } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { RenameWorkspace, TurnIntoTeam } from '../../../../server/identity/workspaces/workspaces.contract.ts'
import { useMay, useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { control, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { DeleteTeam } from '../../automation/deletion/delete-team.tsx'
import { LeaveSection } from '../members/leave-section.tsx'
import { CreateTeamDialog } from './create-team-dialog.tsx'

export function WorkspacePanels() {
  const { workspace } = useWorkspaces()
  const mayRename = useMay('account:write')
  const mayOwn = useMay('workspace:own')
  const [isCreating, setCreating] = useState(false)
  const isTeam = workspace.kind === 'team'
  return (
    <div className="grid gap-5">
      {isTeam && mayRename && (
        <Section title="Name">
          <RenameForm name={workspace.name} />
        </Section>
      )}
      <Section
        title="For programs"
        about="Calls with a session name the workspace by this id, in the header X-Agentbot-Workspace. An API key is of one workspace and needs no header."
      >
        <div className="flex gap-2">
          <input
            readOnly
            aria-label="Id of the workspace"
            className={`${control} font-mono`}
            value={workspace.id}
            onFocus={(event) => event.target.select()}
          />
          <CopyButton text={workspace.id} what="the id" />
        </div>
      </Section>
      {!isTeam && mayOwn && (
        <Section
          title="Make it a team"
          about="Others can then be invited. Agents, keys, plan and money stay where they are, and whatever uses the keys goes on. You get a new, empty personal workspace."
        >
          <TurnIntoTeamForm />
        </Section>
      )}
      <Section title="Another team" about="Begins empty, with you as its owner.">
        <Button onClick={() => setCreating(true)}>
          <Plus size={16} aria-hidden /> New team
        </Button>
        <CreateTeamDialog isOpen={isCreating} onOpenChange={setCreating} />
      </Section>
      {isTeam && <LeaveSection />}
      {isTeam && mayOwn && <DeleteTeam />}
    </div>
  )
}

function RenameForm({ name }: { name: string }) {
  const trpc = useTRPC()
  const { revalidate } = useRevalidator()
  const form = useContractForm(RenameWorkspace, { defaultValues: { name } })
  const { errors, isDirty } = form.formState
  const rename = useMutation(
    trpc.workspaces.rename.mutationOptions({
      onSuccess: (saved) => {
        form.reset({ name: saved.name })
        revalidate()
        toast.success(`The workspace is called “${saved.name}”.`)
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => rename.mutate(input))}>
      <TextField label="Name" autoComplete="organization" maxLength={100} error={problem(errors.name)} {...form.register('name')} />
      {rename.isError && Object.keys(errors).length === 0 && <ErrorNotice error={rename.error} />}
      <Button type="submit" look="primary" className="justify-self-start" isBusy={rename.isPending} disabled={!isDirty}>
        Save
      </Button>
    </form>
  )
}

function TurnIntoTeamForm() {
  const trpc = useTRPC()
  const { revalidate } = useRevalidator()
  const form = useContractForm(TurnIntoTeam, { defaultValues: { name: '' } })
  const { errors } = form.formState
  const turn = useMutation(
    trpc.workspaces.turnIntoTeam.mutationOptions({
      onSuccess: ({ name }) => {
        revalidate()
        toast.success(`“${name}” is a team now. Invite others to it.`)
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => turn.mutate(input))}>
      <TextField
        label="Name of the team"
        autoComplete="organization"
        maxLength={100}
        error={problem(errors.name)}
        {...form.register('name')}
      />
      {turn.isError && Object.keys(errors).length === 0 && <ErrorNotice error={turn.error} />}
      <Button type="submit" className="justify-self-start" isBusy={turn.isPending}>
        Make it a team
      </Button>
    </form>
  )
}
