import { useNavigate } from '@remix-run/react'
import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import { z } from 'zod'
import { CreateAgent } from '../../../../server/agents/definitions/agents.contract.ts'
import type { Capabilities } from '../../../../server/insight/system/system.contract.ts'
import { usePath } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextArea, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { ModelSelect } from './model-select.tsx'
import { useCapabilities, useRefreshAgents } from './use-agents.ts'

interface CreateAgentDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function CreateAgentDialog(props: CreateAgentDialogProps) {
  const capabilities = useCapabilities()
  return (
    <Dialog {...props} title="New agent" description="Everything here can be changed later.">
      {capabilities.data ? (
        <CreateAgentForm capabilities={capabilities.data} onDone={() => props.onOpenChange(false)} />
      ) : capabilities.isError ? (
        <ErrorNotice error={capabilities.error} onRetry={() => void capabilities.refetch()} />
      ) : (
        <SkeletonList className="h-12" />
      )}
    </Dialog>
  )
}

const NewAgent = z.object({ name: CreateAgent.shape.name, model: z.string(), instructions: z.string().max(100_000) })
type NewAgent = z.infer<typeof NewAgent>

function CreateAgentForm({ capabilities, onDone }: { capabilities: Capabilities; onDone(): void }) {
  const trpc = useTRPC()
  const navigate = useNavigate()
  const pathOf = usePath()
  const refresh = useRefreshAgents()
  const model = capabilities.defaultModel ?? capabilities.models[0]?.id ?? ''
  const form = useContractForm(NewAgent, { defaultValues: { name: '', model, instructions: '' } })
  const { errors } = form.formState

  const handlers = (text: string) => ({
    onSuccess: (agent: { id: string; name: string }) => {
      void refresh()
      toast.success(`${agent.name} ${text}`)
      onDone()
      navigate(pathOf(`/agents/${agent.id}`))
    },
    onError: (error: unknown) => {
      showFieldProblems(form, error)
      // An agent that could not be started exists all the same.
      void refresh()
    },
  })
  const provision = useMutation(trpc.agents.provision.mutationOptions(handlers('was created and runs.')))
  const create = useMutation(trpc.agents.create.mutationOptions(handlers('was created.')))
  const isBusy = provision.isPending || create.isPending
  const error = provision.error ?? create.error

  const submit = (mutation: typeof create | typeof provision) =>
    form.handleSubmit(({ name, model, instructions }: NewAgent) => {
      provision.reset()
      create.reset()
      mutation.mutate({ name, config: { model, ...(instructions.trim() ? { instructions } : {}) } })
    })

  return (
    <form noValidate className="grid gap-4" onSubmit={submit(provision)}>
      <TextField label="Name" autoComplete="off" maxLength={64} error={problem(errors.name)} {...form.register('name')} />
      <ModelSelect capabilities={capabilities} chosen={form.watch('model')} error={problem(errors.model)} {...form.register('model')} />
      <TextArea
        label="Instructions (optional)"
        hint="Who the agent is and how it should answer."
        error={problem(errors.instructions)}
        {...form.register('instructions')}
      />
      {error && Object.keys(errors).length === 0 && <ErrorNotice error={error} />}
      <DialogActions>
        <Button isBusy={create.isPending} disabled={isBusy} onClick={submit(create)}>
          Create only
        </Button>
        <Button type="submit" look="primary" isBusy={provision.isPending} disabled={isBusy}>
          Create and start
        </Button>
      </DialogActions>
    </form>
  )
}
