import DataLoader from 'dataloader'
import { MAX_MESSAGES_OF_AGENTS, type Message } from '#server/chat/conversations/conversations.contract.ts'
import type { Context } from '#server/platform/core/index.ts'
import { execute } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'

/** What nested fields load, batched over one request. */
export interface Loaders {
  /** The newest `first` messages of an agent. */
  messages: DataLoader<{ agentId: string; first: number }, Message[], string>
}

export const createLoaders = (call: Context): Loaders => ({
  messages: new DataLoader((keys) => loadMessages(call, keys), { cacheKeyFn: ({ agentId, first }) => `${first} ${agentId}` }),
})

async function loadMessages(call: Context, keys: readonly { agentId: string; first: number }[]): Promise<Message[][]> {
  const loaded = new Map<string, Message[]>()
  for (const [perAgent, group] of Map.groupBy(keys, ({ first }) => first)) {
    const most = Math.max(1, Math.floor(MAX_MESSAGES_OF_AGENTS / perAgent))
    for (let start = 0; start < group.length; start += most) {
      const agentIds = group.slice(start, start + most).map(({ agentId }) => agentId)
      const lists = await execute(operations.conversations.messagesOfAgents, call, { agentIds, perAgent })
      for (const { agentId, messages } of lists) loaded.set(`${perAgent} ${agentId}`, messages)
    }
  }
  return keys.map(({ agentId, first }) => loaded.get(`${first} ${agentId}`) ?? [])
}
