import DataLoader from 'dataloader'
import { messagePagesOfAgents, messageTotalsOfAgents } from '#server/chat/conversations/conversations.operations.ts'
import { MAX_MESSAGES_OF_AGENTS, type Message } from '#server/chat/conversations/conversations.contract.ts'
import type { Context } from '#server/platform/core/index.ts'
import { execute } from '#server/platform/operations/index.ts'

interface MessagesWanted {
  agentId: string
  limit: number
  /** Id of the message they come behind. */
  after: string | undefined
}

/** What nested fields load, batched over one request. */
export interface Loaders {
  /** The newest `limit` messages of an agent, or those behind a message. */
  messages: DataLoader<MessagesWanted, Message[], string>
  /** How many messages an agent has. */
  messageTotals: DataLoader<string, number>
}

export const createLoaders = (call: Context): Loaders => ({
  messages: new DataLoader((wanted) => loadMessages(call, wanted), { cacheKeyFn: (wanted) => `${pageOf(wanted)} ${wanted.agentId}` }),
  messageTotals: new DataLoader((agentIds) => loadMessageTotals(call, agentIds), { maxBatchSize: MAX_MESSAGES_OF_AGENTS }),
})

const pageOf = ({ limit, after = '' }: MessagesWanted): string => `${limit} ${after}`

async function loadMessages(call: Context, wanted: readonly MessagesWanted[]): Promise<Message[][]> {
  const loaded = new Map<string, Message[]>()
  for (const [page, group] of Map.groupBy(wanted, pageOf)) {
    const { limit, after } = group[0]!
    const most = Math.max(1, Math.floor(MAX_MESSAGES_OF_AGENTS / limit))
    for (let start = 0; start < group.length; start += most) {
      const agentIds = group.slice(start, start + most).map(({ agentId }) => agentId)
      const messages = await execute(messagePagesOfAgents, call, { agentIds, perAgent: limit, after })
      for (const [agentId, own] of Map.groupBy(messages, (message) => message.agentId)) loaded.set(`${page} ${agentId}`, own)
    }
  }
  return wanted.map((each) => loaded.get(`${pageOf(each)} ${each.agentId}`) ?? [])
}

async function loadMessageTotals(call: Context, agentIds: readonly string[]): Promise<number[]> {
  const totals = await execute(messageTotalsOfAgents, call, { agentIds: [...agentIds] })
  const byAgent = new Map(totals.map(({ agentId, total }) => [agentId, total]))
  return agentIds.map((agentId) => byAgent.get(agentId) ?? 0)
}
