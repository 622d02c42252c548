import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { withAnswer, type Done } from './live-turn.ts'

const PAGE_SIZE = 50
const POLL_MS = 10_000

const isOpen = ({ state }: Message): boolean => state === 'queued' || state === 'running'

type Pages = InfiniteData<Message[], number>

function useMessagesKey(agentId: string) {
  const trpc = useTRPC()
  return useMemo(() => [...trpc.chat.list.pathKey(), { pagesOf: agentId }], [trpc, agentId])
}

/** The messages of an agent, oldest first, as far back as they were asked for. */
export function useMessages(agentId: string) {
  const client = useTRPCClient()
  const query = useInfiniteQuery({
    queryKey: useMessagesKey(agentId),
    queryFn: ({ pageParam, signal }) => client.chat.list.query({ agentId, limit: PAGE_SIZE, offset: pageParam }, { signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE_SIZE ? undefined : pages.length * PAGE_SIZE),
    // Somebody else's question, or one of another tab: there is no stream here that tells when it is answered.
    refetchInterval: ({ state }) => (state.data?.pages[0]?.some(isOpen) ? POLL_MS : false),
  })
  const messages = useMemo(() => {
    // Messages that came in between two pages move everything on, so that one may be in both.
    const byId = new Map((query.data?.pages ?? []).flat().map((message) => [message.id, message]))
    return [...byId.values()].reverse()
  }, [query.data])
  return { ...query, messages }
}

/** Brings what is known of an agent's messages up to date. */
export function useMessagesCache(agentId: string) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const queryKey = useMessagesKey(agentId)
  const refreshOthers = () =>
    Promise.all([
      queries.invalidateQueries(trpc.conversations.agentMessages.pathFilter()),
      queries.invalidateQueries(trpc.memory.get.pathFilter()),
      queries.invalidateQueries(trpc.agents.stats.pathFilter()),
    ])
  return {
    refresh: () => Promise.all([queries.invalidateQueries({ queryKey }), refreshOthers()]),
    addAnswer(done: Done) {
      queries.setQueryData<Pages>(queryKey, (data) => {
        if (!data) return data
        const [first = [], ...older] = data.pages
        return { ...data, pages: [withAnswer(first, done, new Date().toISOString()), ...older] }
      })
      void refreshOthers()
    },
  }
}
