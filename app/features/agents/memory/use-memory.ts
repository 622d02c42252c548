import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'

/** The memory of an agent, and what can be done with it. */
export function useMemoryOf(agentId: string) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries(trpc.memory.get.pathFilter())
  return {
    // Always asked for again: the agent writes to it while nobody looks.
    memory: useInfiniteQuery(
      trpc.memory.get.infiniteQueryOptions({ agentId }, { staleTime: 0, getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined }),
    ),
    store: useMutation(trpc.memory.store.mutationOptions({ onSuccess: refresh })),
    remove: useMutation(trpc.memory.delete.mutationOptions({ onSuccess: refresh })),
  }
}
