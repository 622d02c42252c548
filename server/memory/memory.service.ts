import { findAgentRow, keepAgent } from '../agents/agents.service.ts'
import { accountOf, type AccountContext } from '../core/context.ts'
import { AppError, InvalidInput } from '../core/errors.ts'
import { findUnstorableText } from '../core/text-check.ts'
import type { MemoryStore } from '../models/tools.ts'
import {
  MemoryKey,
  MOST_VALUE_BYTES,
  type DeleteMemory,
  type GetMemory,
  type Memory,
  type MemoryStored,
  type StoreMemory,
} from './memory.contract.ts'
import * as queries from './memory.queries.ts'

export class MemoryKeyNotFound extends AppError {
  constructor(key: string) {
    super('not_found', 'MEMORY_KEY_NOT_FOUND', `Nothing is stored under "${key}".`, { key })
  }
}

/** What one agent remembers, or all of them together. @throws AgentNotFound */
export async function getMemory(ctx: AccountContext, input: GetMemory): Promise<Memory> {
  const agentId = input.agentId && input.agentId !== 'all' ? input.agentId : undefined
  if (agentId) await findAgentRow(ctx, agentId)
  const rows = await queries.listMemories(ctx.db, accountOf(ctx), agentId)
  const memory = toMap(rows)
  return { memory, agentId: agentId ?? null, count: Object.keys(memory).length, lastUpdated: rows.at(-1)?.updatedAt ?? null }
}

const toMap = (rows: { key: string; value: unknown }[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ key, value }) => [key, value]))

/** Existing keys are overwritten, others stay. @throws AgentNotFound */
export async function storeMemory(ctx: AccountContext, { agentId, values }: StoreMemory): Promise<MemoryStored> {
  await keepAgent(ctx, agentId)
  const saved = await queries.upsertMemories(ctx.db, accountOf(ctx), agentId, values)
  return { agentId, keys: Object.keys(values), saved }
}

/** @throws AgentNotFound, MemoryKeyNotFound */
export async function deleteMemory(ctx: AccountContext, { agentId, key }: DeleteMemory): Promise<{ success: true }> {
  await findAgentRow(ctx, agentId)
  if (!(await queries.deleteMemory(ctx.db, accountOf(ctx), agentId, key))) throw new MemoryKeyNotFound(key)
  return { success: true }
}

/** Forgets everything. @returns how many values there were. */
export const clearMemory = async (ctx: AccountContext, agentId: string): Promise<number> =>
  (await queries.deleteMemories(ctx.db, accountOf(ctx), agentId)).length

/** The memory as the tools of a model see it; the limits are those of the API. */
export function memoryStoreOf(ctx: AccountContext, agentId: string): MemoryStore {
  const accountId = accountOf(ctx)
  return {
    get: async (key) => (await queries.findMemory(ctx.db, accountId, agentId, key))?.value,
    set: async (key, value) => {
      if (!MemoryKey.safeParse(key).success) throw new InvalidInput([{ field: 'key', message: 'expected 1 to 255 characters' }])
      const unstorable = findUnstorableText({ key, value })
      if (unstorable.length > 0) throw new InvalidInput(unstorable)
      if (Buffer.byteLength(JSON.stringify(value ?? null)) > MOST_VALUE_BYTES)
        throw new InvalidInput([{ field: 'value', message: `expected at most ${MOST_VALUE_BYTES} bytes` }])
      await queries.upsertMemories(ctx.db, accountId, agentId, { [key]: value ?? null })
    },
    list: async () => toMap(await queries.listMemories(ctx.db, accountId, agentId)),
    delete: async (key) => (await queries.deleteMemory(ctx.db, accountId, agentId, key)) !== undefined,
  }
}
