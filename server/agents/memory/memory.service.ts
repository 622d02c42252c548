import { findAgentRow, keepAgent } from '../definitions/index.ts'
import { getQuotas } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext, AppError, InvalidInput, inTransaction } from '#server/platform/core/index.ts'
import { checkInput } from '#server/platform/operations/index.ts'
import type { MemoryStore } from '#server/models/completions/index.ts'
import { noteWorkspaceChange } from '../watches/index.ts'
import {
  MAX_PAGE_KEYS,
  MemoryKey,
  MAX_VALUE_BYTES,
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

/** The values do not fit into what is left of the plan. `current` is what was stored before, `limit` what may be. */
class MemoryFull extends AppError {
  constructor(resource: 'keys' | 'bytes', current: number, limit: number) {
    super('too_large', 'MEMORY_FULL', `The memory of the plan is full: it holds ${limit} ${resource}. Forget something first.`, {
      resource,
      current,
      limit,
    })
  }
}

/** Bytes of the values in one answer. */
const MAX_PAGE_BYTES = 4 * 1024 ** 2

/** What one agent remembers, or all of them together, page by page. @throws AgentNotFound */
export async function getMemory(ctx: AccountContext, { limit, cursor, ...input }: GetMemory): Promise<Memory> {
  const agentId = input.agentId && input.agentId !== 'all' ? input.agentId : undefined
  if (agentId) await findAgentRow(ctx, agentId)
  const of = agentId === undefined ? {} : { agentId }
  const page = { ...of, ...(cursor === undefined ? {} : { cursor }), limit, maxBytes: MAX_PAGE_BYTES }
  const { values, hasMore } = await queries.listMemories(ctx.db, accountOf(ctx), page)
  const lastUpdated = await queries.findLastUpdated(ctx.db, accountOf(ctx), agentId)
  const nextCursor = hasMore ? values.at(-1)!.key : null
  return { memory: toMap(values), agentId: agentId ?? null, count: values.length, lastUpdated, nextCursor }
}

/** Everything an agent remembers. @throws AgentNotFound */
export async function readWholeMemory(ctx: AccountContext, agentId: string): Promise<{ key: string; value: unknown }[]> {
  const all: { key: string; value: unknown }[] = []
  for (let cursor: string | undefined | null; cursor !== null;) {
    const { memory, nextCursor } = await getMemory(ctx, { agentId, limit: MAX_PAGE_KEYS, cursor })
    for (const [key, value] of Object.entries(memory)) all.push({ key, value })
    cursor = nextCursor
  }
  return all
}

const toMap = (rows: { key: string; value: unknown }[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ key, value }) => [key, value]))

/** Existing keys are overwritten, others stay. @throws AgentNotFound, MemoryFull */
export async function storeMemory(ctx: AccountContext, { agentId, values }: StoreMemory): Promise<MemoryStored> {
  const saved = await storeWithinPlan(ctx, agentId, values)
  await noteWorkspaceChange(ctx, agentId)
  return { agentId, keys: Object.keys(values), saved }
}

/** Within a transaction, which has to be rolled back when it throws. @returns when they were saved. @throws AgentNotFound, MemoryFull */
async function storeWithinPlan(ctx: AccountContext, agentId: string, values: Record<string, unknown>): Promise<string> {
  const { memoryKeys, memoryMb } = getQuotas(ctx)
  const before = await queries.lockMemory(ctx.db, accountOf(ctx))
  await keepAgent(ctx, agentId)
  const saved = await queries.upsertMemories(ctx.db, accountOf(ctx), agentId, values)
  const after = await queries.sumMemory(ctx.db, accountOf(ctx))
  // What is there already may stay and be replaced by less, whatever the plan is now.
  const limits = { keys: memoryKeys, bytes: memoryMb * 1024 ** 2 }
  for (const resource of ['keys', 'bytes'] as const)
    if (after[resource] > limits[resource] && after[resource] > before[resource])
      throw new MemoryFull(resource, before[resource], limits[resource])
  return saved
}

/** @throws AgentNotFound, MemoryKeyNotFound */
export async function deleteMemory(ctx: AccountContext, { agentId, key }: DeleteMemory): Promise<{ success: true }> {
  await findAgentRow(ctx, agentId)
  if (!(await queries.deleteMemory(ctx.db, accountOf(ctx), agentId, key))) throw new MemoryKeyNotFound(key)
  await noteWorkspaceChange(ctx, agentId)
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
      checkInput({ key, value })
      if (Buffer.byteLength(JSON.stringify(value ?? null)) > MAX_VALUE_BYTES)
        throw new InvalidInput([{ field: 'value', message: `expected at most ${MAX_VALUE_BYTES} bytes` }])
      await inTransaction(ctx.db, (db) => storeWithinPlan({ ...ctx, db }, agentId, { [key]: value ?? null }))
    },
    async list(limit) {
      const { values } = await queries.listMemories(ctx.db, accountId, { agentId, limit, maxBytes: MAX_PAGE_BYTES })
      return { count: await queries.countMemories(ctx.db, accountId, agentId), entries: toMap(values) }
    },
    delete: async (key) => (await queries.deleteMemory(ctx.db, accountId, agentId, key)) !== undefined,
  }
}
