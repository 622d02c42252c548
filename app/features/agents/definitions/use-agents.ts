import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { AgentStatus } from '../../../../server/agents/definitions/agents.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { isComing } from '../../../../server/agents/definitions/agent-status.contract.ts'

const POLL_MS = 10_000

const pollWhileChanging = (statuses: AgentStatus[]): number | false => (statuses.some(isComing) ? POLL_MS : false)

export function useAgents() {
  const trpc = useTRPC()
  return useQuery(
    trpc.agents.list.queryOptions(undefined, {
      refetchInterval: ({ state }) => pollWhileChanging((state.data ?? []).map(({ status }) => status)),
    }),
  )
}

export function useAgent(agentId: string) {
  const trpc = useTRPC()
  return useQuery(
    trpc.agents.get.queryOptions({ agentId }, { refetchInterval: ({ state }) => pollWhileChanging(state.data ? [state.data.status] : []) }),
  )
}

/** What the server offers; it changes with its configuration only. */
export function useCapabilities() {
  const trpc = useTRPC()
  return useQuery(trpc.system.capabilities.queryOptions(undefined, { staleTime: 60_000 }))
}

/** Marks everything that shows agents as out of date. */
export function useRefreshAgents() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries(trpc.agents.list.pathFilter()),
      queries.invalidateQueries(trpc.agents.get.pathFilter()),
      queries.invalidateQueries(trpc.agents.stats.pathFilter()),
    ])
}

/** Start, stop and restart of one agent. One at a time. */
export function useLifecycle(agent: { id: string; name: string }) {
  const trpc = useTRPC()
  const refresh = useRefreshAgents()
  // Waiting for the refresh keeps the buttons disabled until the new status is on the page.
  const say = (text: string) => ({
    onSuccess: async () => {
      await refresh()
      toast.success(text)
    },
    onError: async (error: unknown) => {
      await refresh()
      toast.error(describeError(error).message)
    },
  })
  const start = useMutation(trpc.agents.start.mutationOptions(say(`${agent.name} runs.`)))
  const stop = useMutation(trpc.agents.stop.mutationOptions(say(`${agent.name} is stopped.`)))
  const restart = useMutation(trpc.agents.restart.mutationOptions(say(`${agent.name} was restarted.`)))
  const input = { agentId: agent.id }
  return {
    start: () => start.mutate(input),
    stop: () => stop.mutate(input),
    restart: () => restart.mutate(input),
    isStarting: start.isPending,
    isStopping: stop.isPending,
    isRestarting: restart.isPending,
    isBusy: start.isPending || stop.isPending || restart.isPending,
  }
}
