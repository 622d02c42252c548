import { z } from 'zod'
import { InvalidInput } from '#server/platform/core/index.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { bind, type RestRequest } from '#server/platform/operations/index.ts'
import * as contract from './memory.contract.ts'
import { memory } from './memory.operations.ts'

/** One value under `key`, or an object of several. */
const StoreBody = z.union([
  z.object({ agentId: z.string(), key: contract.MemoryKey, memory: z.unknown() }),
  z.object({ agentId: z.string(), memory: z.record(z.string(), z.unknown()) }),
])

/** A body with `key` stores one value; without, each key of `memory` is stored. */
function readStore({ body }: RestRequest): unknown {
  const { agentId, key, memory } = body as { agentId?: unknown; key?: unknown; memory?: unknown }
  if (key === undefined) return { agentId, values: memory }
  const parsed = contract.MemoryKey.safeParse(key)
  if (!parsed.success) throw new InvalidInput([{ field: 'key', message: 'expected a text of 1 to 255 characters' }])
  return { agentId, values: { [parsed.data]: memory } }
}

/** What the operation calls `values` is called `memory` here, and so is the one value of a `key`. */
function nameField(field: string, { body }: RestRequest): string {
  const { key } = body as { key?: unknown }
  const value = `values.${String(key)}`
  if (key !== undefined && (field === value || field.startsWith(`${value}.`))) return `memory${field.slice(value.length)}`
  return field.replace(/^values\b/, 'memory')
}

const Stored = z.union([
  z.object({ success: z.literal(true), agentId: z.string(), key: z.string(), saved: timestamp }),
  z.object({ success: z.literal(true), agentId: z.string(), keysUpdated: z.int(), saved: timestamp }),
])

export const memoryRest = {
  get: bind({ id: 'getMemory', tag: 'memory', operation: memory.get, errors: [404] }),
  store: bind({
    id: 'storeMemory',
    tag: 'memory',
    operation: memory.store,
    input: readStore,
    bodyOf: ({ agentId, values }) => ({ agentId, memory: values }),
    fieldName: nameField,
    output: Stored,
    body: ({ agentId, keys, saved }, { body }) =>
      (body as { key?: unknown }).key === undefined
        ? { success: true, agentId, keysUpdated: keys.length, saved }
        : { success: true, agentId, key: keys[0], saved },
    document: { body: StoreBody },
    errors: [404, 413],
  }),
  delete: bind({ id: 'deleteMemory', tag: 'memory', operation: memory.delete, errors: [404] }),
}
