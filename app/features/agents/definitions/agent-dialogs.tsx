import { useNavigate } from '@remix-run/react'
import { usePath } from '../../../workspace/workspace.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { AgentDetail } from '../../../../server/agents/definitions/agents.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { useRefreshAgents } from './use-agents.ts'

interface AgentDialogProps {
  agent: AgentDetail
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function ResetMemoryDialog({ agent, ...dialog }: AgentDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const refresh = useRefreshAgents()
  const reset = useMutation(
    trpc.agents.resetMemory.mutationOptions({
      onSuccess: () => {
        void refresh()
        void queries.invalidateQueries(trpc.memory.get.pathFilter())
        toast.success(`${agent.name} has forgotten everything.`)
        dialog.onOpenChange(false)
      },
    }),
  )
  return (
    <ConfirmDialog
      {...dialog}
      title="Reset the memory?"
      description={`${agent.name} forgets everything it remembers and is restarted. Its messages stay. This cannot be undone.`}
      action="Reset memory"
      isBusy={reset.isPending}
      error={reset.error}
      onConfirm={() => reset.mutate({ agentId: agent.id })}
    />
  )
}

export function DeleteAgentDialog({ agent, ...dialog }: AgentDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const pathOf = usePath()
  const remove = useMutation(
    trpc.agents.delete.mutationOptions({
      onSuccess: () => {
        toast.success(`${agent.name} was deleted.`)
        // Leave first: the page of an agent that is gone must not ask for it again.
        navigate(pathOf('/agents'))
        void queries.invalidateQueries(trpc.agents.list.pathFilter())
      },
    }),
  )
  return (
    <ConfirmDialog
      {...dialog}
      title="Delete this agent?"
      description={`${agent.name} is stopped and removed, with its messages, its memory and its credentials. This cannot be undone.`}
      action="Delete agent"
      typed={agent.name}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ agentId: agent.id })}
    />
  )
}
