import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { BudgetWindow } from '#server/money/budgets/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const AT_ONCE = 500

/** Takes calls about which their providers are to be asked: each once, however many servers look for them. */
export async function claimDue(systemDb: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with due as (select id from usage_events where lookup = 'due' order by id limit ${AT_ONCE} for update skip locked)
    update usage_events set lookup = 'asked' from due where usage_events.id = due.id
    returning usage_events.id`.execute(systemDb)
  return rows.map(({ id }) => id)
}

/** A call about which its provider is asked, as it is stored. */
export interface AskedCall {
  id: string
  accountId: AccountId
  agentId: string | null
  keyId: string | null
  generationId: string
  outcome: string
  inputTokens: number | null
  outputTokens: number | null
  costNanoUsd: number | null
  isOwnKey: boolean
  isPrepaid: boolean
  createdAt: string
  countedIn: BudgetWindow[] | null
}

const asked = (systemDb: Db, id: string) =>
  systemDb
    .selectFrom('usageEvents')
    .where('id', '=', id)
    .where('lookup', '=', 'asked')
    .select(['id', 'accountId', 'agentId', 'keyId', 'generationId', 'outcome', 'inputTokens', 'outputTokens', 'costNanoUsd'])
    .select(['isOwnKey', 'isPrepaid', 'createdAt', 'countedIn'])
    .$castTo<AskedCall>()

/** Undefined for a call that was corrected already, or is gone with its account. */
export const findAsked = (systemDb: Db, id: string) => asked(systemDb, id).executeTakeFirst()

/** The same, locked: who has it corrects it, and nobody else does. */
export const lockAsked = (systemDb: Db, id: string) => asked(systemDb, id).forUpdate().executeTakeFirst()

/** What a call took. */
export interface CallFigures {
  inputTokens: number | null
  outputTokens: number | null
  costNanoUsd: number | null
}

/** Stores what a call really took. */
export const storeAnswer = (systemDb: Db, id: string, figures: CallFigures) =>
  systemDb
    .updateTable('usageEvents')
    .set({ ...figures, isEstimated: false, lookup: 'answered' })
    .where('id', '=', id)
    .execute()

/** It stays as it is: its provider does not know it. */
export const giveUp = (systemDb: Db, id: string) =>
  systemDb.updateTable('usageEvents').set({ lookup: 'unknown' }).where('id', '=', id).where('lookup', '=', 'asked').execute()

/** Adds a difference to the sums of the month and the key of a call. */
export const correctMonth = (systemDb: Db, id: string, change: { tokens: number; nanoUsd: number }) =>
  sql`
    update usage_months as known set tokens = known.tokens + ${change.tokens}, cost_nano_usd = known.cost_nano_usd + ${change.nanoUsd}
    from usage_events as call
    where call.id = ${id} and known.account_id = call.account_id and known.key_id = coalesce(call.key_id, '')
      and known.month = date_trunc('month', call.created_at at time zone 'UTC')::date`.execute(systemDb)
