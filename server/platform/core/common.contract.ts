import { z } from 'zod'

/** A time as answers carry it: ISO 8601 in UTC, with milliseconds. Not parsed again on the way out. */
export const timestamp = z.string().meta({ format: 'date-time' })

/** Address of a wallet or contract on an EVM chain, in any case. */
export const evmAddress = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address, 0x and 40 hex digits')

/** Input of an operation that needs none. */
export const Nothing = z.object({})

export const Success = z
  .object({ success: z.literal(true).describe('Always true: a failure is an error instead.') })
  .meta({ id: 'SuccessFlag', description: 'Done, and nothing more to say.' })

export const Done = z
  .object({ ok: z.literal(true).describe('Always true: a failure is an error instead.') })
  .meta({ id: 'OkFlag', description: 'Done, and nothing more to say.' })
