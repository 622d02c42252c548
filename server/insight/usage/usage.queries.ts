import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { olderThanDays, removeInBatches, type AccountId, type Platform } from '#server/platform/core/index.ts'
import { MAX_ROWS, MAX_SUMMARY_ROWS } from './usage.contract.ts'

const day = sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`

const figures = [
  sql<number>`coalesce(sum(input_tokens), 0)::int8`.as('inputTokens'),
  sql<number>`coalesce(sum(output_tokens), 0)::int8`.as('outputTokens'),
  sql<number>`(coalesce(sum(input_tokens), 0) + coalesce(sum(output_tokens), 0))::int8`.as('totalTokens'),
  sql<number | null>`sum(cost_nano_usd)::int8`.as('costNanoUsd'),
  sql<number>`count(*) filter (where cost_nano_usd is null)`.as('unpricedCalls'),
  sql<number>`count(*) filter (where is_estimated)`.as('estimatedCalls'),
  sql<number>`count(*) filter (where input_tokens is null or output_tokens is null)`.as('uncountedCalls'),
  sql<number>`count(*)`.as('events'),
  // An answer of an agent can take several calls of its model.
  sql<number>`count(distinct coalesce(turn_id, id))`.as('turns'),
] as const

/** When the first of the last `days` days in UTC began, counting today. */
const firstDay = (days: number) =>
  sql<string>`date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - make_interval(days => ${days - 1}::int)`

/** Calls that produced something, of the last `days` days in UTC, counting today. */
const callsOf = (db: Db, accountId: AccountId, days: number) =>
  db
    .selectFrom('usageEvents')
    .where('accountId', '=', accountId)
    .where('createdAt', '>=', firstDay(days))
    .where((eb) => eb.or([eb('outcome', '=', 'ok'), eb('inputTokens', 'is not', null)]))

const isOfDeleted = (accountId: AccountId) =>
  sql<boolean>`usage_events.agent_id is not null and not exists
    (select from agents where agents.account_id = ${accountId} and agents.id = usage_events.agent_id)`

/** Whether anything is recorded of an agent, which may be deleted. */
export async function hasRecords(db: Db, accountId: AccountId, agentId: string): Promise<boolean> {
  const of = (table: 'usageEvents' | 'toolRuns') =>
    db.selectFrom(table).where('accountId', '=', accountId).where('agentId', '=', agentId).select('agentId').limit(1).executeTakeFirst()
  return (await of('usageEvents')) !== undefined || (await of('toolRuns')) !== undefined
}

/** Per day, agent and model; newest day first. */
export const summarize = (db: Db, accountId: AccountId, days: number) =>
  callsOf(db, accountId, days)
    .select([day.as('date'), 'agentId', isOfDeleted(accountId).as('isOfDeleted'), 'model', 'provider', ...figures])
    .groupBy([day, 'agentId', 'model', 'provider'])
    .orderBy(day, 'desc')
    .orderBy('model')
    .limit(MAX_SUMMARY_ROWS)
    .execute()

/** Per model, the busiest first; of one agent when it is named. */
export const sumByModel = (db: Db, accountId: AccountId, days: number, agentId?: string) =>
  callsOf(db, accountId, days)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))
    .select(['model', 'provider', ...figures])
    .groupBy(['model', 'provider'])
    .orderBy(sql`sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))`, 'desc')
    .orderBy('model')
    .limit(MAX_ROWS)
    .execute()

/** Per day, newest first; days without calls are left out. */
export const sumByDay = (db: Db, accountId: AccountId, days: number) =>
  callsOf(db, accountId, days)
    .select([day.as('date'), ...figures])
    .groupBy(day)
    .orderBy(day, 'desc')
    .execute()

/** Runs of tools by their name, the busiest first; of one agent when it is named. */
export const sumByTool = (db: Db, accountId: AccountId, days: number, agentId?: string) =>
  db
    .selectFrom('toolRuns')
    .where('accountId', '=', accountId)
    .where('createdAt', '>=', firstDay(days))
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))
    .select([
      'toolName',
      sql<number>`count(*)`.as('calls'),
      sql<number>`count(*) filter (where is_ok)`.as('successes'),
      sql<number | null>`avg(ms)`.as('averageMs'),
    ])
    .groupBy('toolName')
    .orderBy('calls', 'desc')
    .orderBy('toolName')
    .limit(MAX_ROWS)
    .execute()

export async function deleteUsageOlderThan(platform: Platform, days: number): Promise<void> {
  await removeInBatches(platform, 'usage_events', olderThanDays('created_at', days))
  await removeInBatches(platform, 'tool_runs', olderThanDays('created_at', days))
  await removeInBatches(platform, 'past_turns', olderThanDays('finished_at', days))
}
