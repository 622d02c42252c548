import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '../../../trpc/client.tsx'
import { useRefreshAgents } from '../definitions/use-agents.ts'

export function useSaveConfig(agentId: string) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const refresh = useRefreshAgents()
  return useMutation(
    trpc.agents.updateConfig.mutationOptions({
      onSuccess: (config) => {
        queries.setQueryData(trpc.agents.config.queryKey({ agentId }), config)
        // Name and model are shown elsewhere too.
        void refresh()
        toast.success('Saved. The next answer uses it.')
      },
    }),
  )
}
