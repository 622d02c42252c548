import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { PaymentMethod } from './gateway.contract.ts'

/** A call a plugin worked for, as it is written down. */
export interface CallRow {
  id: string
  /** Null when nobody was signed in. */
  accountId: AccountId | null
  plugin: string
  method: PaymentMethod
  priceMicroUsd: number
  /** Whether the price was taken, or was part of a plan. */
  isPaid: boolean
  receipt: string | null
  outcome: 'answered' | 'failed' | 'aborted'
  errorCode: string | null
  model: string | null
  inputTokens: number | null
  outputTokens: number | null
  /** Billionths of a US dollar the model cost. */
  costNanoUsd: number | null
  latencyMs: number
}

export const insertCall = (systemDb: Db, row: CallRow) => systemDb.insertInto('gatewayCalls').values(row).execute()
