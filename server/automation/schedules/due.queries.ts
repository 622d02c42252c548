import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { BilledRow } from '#server/money/billing/index.ts'

// Schedules as the servers that watch them see them, across accounts.

export interface DueSchedule extends BilledRow {
  id: string
  accountId: string
  agentId: string
  kind: string
  name: string
  prompt: string
  cronExpression: string | null
  timezone: string
  everyMs: number | null
  nextRunAt: string
  /** Whose spending its runs are, where that is a key that may spend only so much. */
  keyId: string | null
  /** Whether a run of it has not ended. */
  hasOpenRun: boolean
}

/** Schedules that are due, the longest overdue first. Locked: other servers pass over them. */
export async function lockDueSchedules(systemDb: Db, now: string, limit: number): Promise<DueSchedule[]> {
  const { rows } = await sql<DueSchedule>`
    select schedules.id, account_id, agent_id, schedules.kind, schedules.name, prompt, cron_expression, timezone, every_ms, next_run_at, key_id,
      exists (select from jobs where jobs.schedule_id = schedules.id and jobs.status in ('queued', 'running')) as has_open_run,
      accounts.plan, subscription_status, trial_ends_at, owner.email as owner_email, owner.email_verified_at as owner_verified_at
    from schedules join accounts on accounts.id = account_id left join users as owner on owner.personal_account_id = accounts.id
    where next_run_at <= ${now} and accounts.suspended_at is null and accounts.deleted_at is null
    order by next_run_at limit ${limit} for update of schedules skip locked`.execute(systemDb)
  return rows
}

/** Sets when each comes due next; one that never does again is switched off. */
export const moveSchedules = (systemDb: Db, moves: { id: string; nextRunAt: string | null }[]) =>
  sql`
    update schedules set next_run_at = move."nextRunAt", is_enabled = move."nextRunAt" is not null
    from jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) as move (id text, "nextRunAt" timestamptz)
    where schedules.id = move.id`.execute(systemDb)

export async function findNextDue(systemDb: Db): Promise<string | null> {
  const { at } = await systemDb
    .selectFrom('schedules')
    .innerJoin('accounts', 'accounts.id', 'schedules.accountId')
    .where('nextRunAt', 'is not', null)
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)
    .select((eb) => eb.fn.min('nextRunAt').as('at'))
    .executeTakeFirstOrThrow()
  return at
}
