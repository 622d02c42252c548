import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'

/** Bytes of one value once serialised. */
export const MAX_VALUE_BYTES = 100_000
/** Keys of one call. */
export const MAX_KEYS = 50

const fits = (value: unknown): boolean => value !== undefined && new TextEncoder().encode(JSON.stringify(value)).length <= MAX_VALUE_BYTES
const value = z
  .unknown()
  .refine((given) => given !== undefined, 'expected a JSON value')
  .refine((given) => given === undefined || fits(given), `expected at most ${MAX_VALUE_BYTES} bytes once serialised`)

export const MemoryKey = z
  .string()
  .min(1, 'expected 1 to 255 characters')
  .max(255, 'expected 1 to 255 characters')
  .describe('What the value is stored under, 1 to 255 characters.')

/** Values of one page; it ends earlier when they are large. */
export const MAX_PAGE_KEYS = 1000

export const GetMemory = z.object({
  agentId: z.string().optional().describe('One agent, or `all`. The same as `all` when left out.'),
  limit: z
    .int('expected a whole number')
    .min(1, 'expected 1 or more')
    .default(MAX_PAGE_KEYS)
    .transform((value) => Math.min(value, MAX_PAGE_KEYS))
    .meta({ description: `Most keys to give back. Over ${MAX_PAGE_KEYS} counts as ${MAX_PAGE_KEYS}.` }),
  cursor: z.string().max(255, 'expected at most 255 characters').optional().describe('`nextCursor` of the page before.'),
})
export type GetMemory = z.output<typeof GetMemory>

export const MemoryMap = z.record(z.string(), z.unknown()).meta({ id: 'MemoryMap', description: 'Stored values by key.' })

export const Memory = z
  .object({
    memory: MemoryMap.describe('Stored values by key. Where several agents have a key, the value stored last.'),
    agentId: z.string().nullable().describe('Null when all agents were asked for.'),
    count: z.int().min(0).describe('Keys in this answer.'),
    lastUpdated: timestamp.nullable().describe('Of everything that is stored.'),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` for the keys after these; null when there are no more.'),
  })
  .meta({ id: 'Memory', description: 'A page of what an agent, or all of them, remember.' })
export type Memory = z.infer<typeof Memory>

const agentId = z.string().min(1, 'expected the id of an agent')

export const StoreMemory = z.object({
  agentId: agentId.describe('Id of the agent.'),
  values: z
    .record(MemoryKey, value)
    .refine((values) => Object.keys(values).length >= 1, 'expected at least one key')
    .refine((values) => Object.keys(values).length <= MAX_KEYS, `expected at most ${MAX_KEYS} keys`)
    .meta({ id: 'MemoryValues', description: 'Values to store, by key: 1 to 50 keys.' }),
})
export type StoreMemory = z.infer<typeof StoreMemory>

export const MemoryStored = z
  .object({
    agentId: z.string().describe('Id of the agent.'),
    keys: z.array(z.string()).max(MAX_KEYS).describe('Keys that were written.'),
    saved: timestamp.describe('When they were written.'),
  })
  .meta({ id: 'MemoryStored', description: 'What was stored.' })
export type MemoryStored = z.infer<typeof MemoryStored>

export const DeleteMemory = z.object({ agentId: agentId.describe('Id of the agent.'), key: MemoryKey })
export type DeleteMemory = z.infer<typeof DeleteMemory>

export const MemoryDeleted = Success
