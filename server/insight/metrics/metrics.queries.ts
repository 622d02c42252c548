import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { failedStatuses, upStatuses } from '#server/agents/definitions/agent-status.contract.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { messagesSince, requestsSince, statusPeriods } from './metric-hours.queries.ts'

export const countAgents = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('agents')
    .where('accountId', '=', accountId)
    .select([
      sql<number>`count(*)`.as('total'),
      sql<number>`count(*) filter (where status = any(${upStatuses}::text[]))`.as('active'),
      sql<number>`count(*) filter (where status = any(${failedStatuses}::text[]))`.as('failed'),
    ])
    .executeTakeFirstOrThrow()

const since = (unit: 'day' | 'week' | 'month') => sql`date_trunc('${sql.raw(unit)}', now(), 'UTC')`

/** Messages of today, this week and this month (UTC), and of all time. */
export async function countMessages(db: Db, accountId: AccountId): Promise<MessageCounts> {
  const total = sql`coalesce(sum(messages), 0)::int`
  const from = (unit: 'day' | 'week' | 'month') => sql`coalesce(sum(messages) filter (where created_at >= ${since(unit)}), 0)::int`
  const { rows } = await sql<MessageCounts>`
    select ${from('day')} as today, ${from('week')} as this_week, ${from('month')} as this_month, ${total} as ever
    from (${messagesSince(sql`'-infinity'`, accountId)}) as sent`.execute(db)
  return rows[0]!
}

interface MessageCounts {
  today: number
  thisWeek: number
  thisMonth: number
  ever: number
}

/** Starts that came to an end. Getting well again and being given up by the watchdog are no starts. */
export const countStarts = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('agentStatusChanges')
    .where('accountId', '=', accountId)
    .where((eb) => eb.or([eb('fromStatus', 'is', null), eb('fromStatus', 'not in', [...upStatuses, 'repairing'])]))
    .select([
      sql<number>`count(*) filter (where status = 'running')`.as('successful'),
      sql<number>`count(*) filter (where status = any(${failedStatuses}::text[]))`.as('failed'),
    ])
    .executeTakeFirstOrThrow()

interface RequestFigures {
  requests: number
  errors: number
  averageMs: number | null
}

/** Of what ended in the last hours. */
export async function findRequestFigures(db: Db, accountId: AccountId, hours: number): Promise<RequestFigures> {
  const { rows } = await sql<RequestFigures>`
    select count(*) as requests, coalesce(sum(errors), 0)::int as errors, avg(response_ms)::float8 as average_ms
    from (${requestsSince(sql`now() - make_interval(hours => ${hours})`, accountId)}) as ended`.execute(db)
  return rows[0]!
}

/** Everything that ever failed. */
export async function countErrors(db: Db, accountId: AccountId): Promise<number> {
  const { rows } = await sql<{ errors: number }>`
    select coalesce(sum(errors), 0)::int as errors from (${requestsSince(sql`'-infinity'`, accountId)}) as ended`.execute(db)
  return rows[0]!.errors
}

/**
 * Share of the last 30 days a server ran, in percent: of ten minutes each, those in which a sample of the load was
 * taken, and the present ones. Counted since the first sample; null before.
 */
export async function findPlatformUptime(db: Db): Promise<number | null> {
  const slot = (time: ReturnType<typeof sql>) => sql`floor(extract(epoch from ${time}) / 600)`
  const { rows } = await sql<{ percent: number | null }>`
    select (count(distinct slot) filter (where slot < present) + 1) * 100.0::float8 / (present - min(slot) + 1)::float8 as percent
    from (select ${slot(sql`sampled_at`)} as slot, ${slot(sql`now()`)} as present from load_samples
      where sampled_at > now() - interval '30 days') as slots
    group by present`.execute(db)
  return rows[0]?.percent ?? null
}

/** Mean over the agents of the share of the last 30 days they were up, in percent, since each was made; null without agents. */
export async function findAgentUptime(db: Db, accountId: AccountId): Promise<number | null> {
  const length = sql`extract(epoch from least(until, now()) - greatest(since, now() - interval '30 days'))`
  const { rows } = await sql<{ percent: number | null }>`
    select avg(share * 100)::float8 as percent from (
      select coalesce(sum(${length}) filter (where is_up), 0) / nullif(sum(${length}), 0) as share
      from (${statusPeriods(accountId)}) as periods where until > now() - interval '30 days' and since < now()
      group by agent_id
    ) as agents`.execute(db)
  return rows[0]!.percent
}

/** Skills installed for the agents: how many, how many of them are on, and how many there were when the month began. */
export const countSkills = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('agentSkills')
    .where('accountId', '=', accountId)
    .select([
      sql<number>`count(*)`.as('total'),
      sql<number>`count(*) filter (where is_enabled)`.as('active'),
      sql<number>`count(*) filter (where installed_at < ${since('month')})`.as('before'),
    ])
    .executeTakeFirstOrThrow()
