import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import { olderThanDays, removeInBatches, type AccountId, type Platform } from '#server/platform/core/index.ts'
import { upStatuses } from '#server/agents/definitions/agent-status.contract.ts'

/** Rows of one account, or of all for null. */
const of = (accountId: AccountId | null) => (accountId === null ? sql`` : sql`and account_id = ${accountId}`)

/**
 * What was asked of agents and models and came to an end since `from`: turns, and calls of models outside of
 * turns, those of agents that are deleted by now included. Those the caller gave up are neither good nor bad. `response_ms` is
 * null for failures.
 */
export const requestsSince = (from: RawBuilder<unknown>, accountId: AccountId | null) => sql`
  select account_id, finished_at as ended_at, 1 as turns, (status = 'failed')::int as errors, case status when 'answered' then wall_ms end as response_ms
  from (
    select account_id, finished_at, status, wall_ms from agent_turns where status in ('answered', 'failed')
    union all
    select account_id, finished_at, status, wall_ms from past_turns
  ) as ended_turns where finished_at >= ${from} ${of(accountId)}
  union all
  select account_id, created_at, 0, (outcome = 'failed')::int, case outcome when 'ok' then latency_ms end
  from usage_events where created_at >= ${from} and turn_id is null and outcome in ('ok', 'failed') ${of(accountId)}`

/** From when until when each agent had which status; one that was deleted has none since. */
export const statusPeriods = (accountId: AccountId | null) => sql`
  select account_id, agent_id, status = any(${upStatuses}::text[]) as is_up, since, until from (
    select account_id, agent_id, status, changed_at as since,
      coalesce(lead(changed_at) over (partition by account_id, agent_id order by position), 'infinity') as until
    from agent_status_changes where true ${of(accountId)}
  ) as changes where status <> 'deleted'`

/** Messages, and how many there were of agents that are deleted by now: one row for each, or for each hour. */
export const messagesSince = (from: RawBuilder<unknown>, accountId: AccountId | null) => sql`
  select account_id, created_at, 1 as messages from messages where created_at >= ${from} ${of(accountId)}
  union all
  select account_id, hour, messages from past_messages where hour >= ${from} ${of(accountId)}`

const hourOf = (column: string) => sql`date_trunc('hour', ${sql.ref(column)}, 'UTC')`

/** Sums per account and hour of what was recorded between two times. The load of an hour counts where an agent of the account was up while it was measured. */
const sumsOf = (from: RawBuilder<unknown>, until: RawBuilder<unknown>, accountId: AccountId | null) => sql`
  select account_id, hour, sum(messages)::int as messages, sum(turns)::int as turns, sum(errors)::int as errors,
    count(response_ms)::int as response_count, coalesce(sum(response_ms), 0)::int8 as response_ms_sum,
    max(cpu_percent) as cpu_percent, max(memory_percent) as memory_percent
  from (
    select account_id, ${hourOf('created_at')} as hour, messages, 0 as turns, 0 as errors, null::int as response_ms,
      null::float8 as cpu_percent, null::float8 as memory_percent
    from (${messagesSince(from, accountId)}) as sent where created_at < ${until}
    union all
    select account_id, ${hourOf('ended_at')}, 0, turns, errors, response_ms, null, null
    from (${requestsSince(from, accountId)}) as requests where ended_at < ${until}
    union all
    (
      select distinct on (periods.account_id, loads.hour) periods.account_id, loads.hour, 0, 0, 0, null::int, loads.cpu_percent, loads.memory_percent
      from (
        select ${hourOf('sampled_at')} as hour, min(sampled_at) as first, max(sampled_at) as last,
          avg(cpu_percent) as cpu_percent, avg(memory_percent) as memory_percent
        from load_samples where sampled_at >= ${from} and sampled_at < ${until} group by 1
      ) as loads
      join (${statusPeriods(accountId)}) as periods on periods.is_up and periods.since <= loads.last and periods.until > loads.first
    )
  ) as recorded
  group by account_id, hour`

/** From which hour on sums have to be written down: at least the last few, and everything since the last one that was. */
export async function findFirstHour(systemDb: Db): Promise<string> {
  const { rows } = await sql<{ hour: string }>`
    select date_trunc('hour', greatest(now() - interval '30 days',
      least(now() - interval '3 hours', coalesce((select max(hour) from metric_hours), '-infinity'))), 'UTC') as hour`.execute(systemDb)
  return rows[0]!.hour
}

/** Writes down the sums of the hours between two times. Doing it twice, or on several servers at once, comes to the same. */
export const sumHours = (systemDb: Db, from: string, until: string) =>
  sql`
    insert into metric_hours as known
      (account_id, hour, messages, turns, errors, response_count, response_ms_sum, cpu_percent, memory_percent)
    select * from (${sumsOf(sql`${from}::timestamptz`, sql`${until}::timestamptz`, null)}) as sums order by account_id, hour
    on conflict (account_id, hour) do update set messages = excluded.messages, turns = excluded.turns, errors = excluded.errors,
      response_count = excluded.response_count, response_ms_sum = excluded.response_ms_sum,
      cpu_percent = excluded.cpu_percent, memory_percent = excluded.memory_percent
    where (known.messages, known.turns, known.errors, known.response_count, known.response_ms_sum, known.cpu_percent, known.memory_percent)
      is distinct from (excluded.messages, excluded.turns, excluded.errors, excluded.response_count, excluded.response_ms_sum,
        excluded.cpu_percent, excluded.memory_percent)`.execute(systemDb)

export interface MeasuredHour {
  hour: string
  cpuPercent: number
  memoryPercent: number
  messages: number
  errors: number
}

/** Hours in which the load was measured, oldest first: the running one and the one before are summed now, earlier ones were. */
export async function listHours(db: Db, accountId: AccountId, hours: number): Promise<MeasuredHour[]> {
  const recent = sql`date_trunc('hour', now(), 'UTC') - interval '1 hour'`
  const columns = sql`hour, cpu_percent, memory_percent, messages, errors`
  const { rows } = await sql<MeasuredHour>`
    select ${columns} from metric_hours
    where account_id = ${accountId} and hour < ${recent} and hour > now() - make_interval(hours => ${hours}) and cpu_percent is not null
    union all
    select ${columns} from (${sumsOf(recent, sql`'infinity'::timestamptz`, accountId)}) as sums where cpu_percent is not null
    order by hour`.execute(db)
  return rows
}

/** Removes what no range reaches any more. */
export async function deleteOldHours(platform: Platform): Promise<void> {
  await removeInBatches(platform, 'metric_hours', olderThanDays('hour', 31))
  await removeInBatches(platform, 'load_samples', olderThanDays('sampled_at', 31))
}

export const insertLoadSample = (systemDb: Db, serverId: string, cpuPercent: number, memoryPercent: number) =>
  systemDb
    .insertInto('loadSamples')
    .values({ serverId, cpuPercent, memoryPercent })
    .onConflict((oc) => oc.doNothing())
    .execute()
