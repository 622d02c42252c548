import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { MAX_LISTED } from './schedules.contract.ts'

export type ScheduleKind = 'heartbeat' | 'task' | 'cron'

const scheduleColumns = [
  'id',
  'agentId',
  'kind',
  'name',
  'description',
  'prompt',
  'payload',
  'cronExpression',
  'timezone',
  'everyMs',
  'isEnabled',
  'nextRunAt',
  'lastRunAt',
  'createdAt',
  'updatedAt',
] as const

const schedulesOfKind = (db: Db, accountId: AccountId, kinds: ScheduleKind[], agentId?: string) =>
  db
    .selectFrom('schedules')
    .where('accountId', '=', accountId)
    .where('kind', 'in', kinds)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))

const schedulesOf = (db: Db, accountId: AccountId, kinds: ScheduleKind[], agentId?: string) =>
  schedulesOfKind(db, accountId, kinds, agentId).select(scheduleColumns)

/** Scheduled tasks and cron jobs of the account, which stays locked: two callers cannot both add the last. */
export async function lockScheduleCount(db: Db, accountId: AccountId): Promise<number> {
  await lockAccount(db, accountId)
  const { count } = await db
    .selectFrom('schedules')
    .where('accountId', '=', accountId)
    .where('kind', '!=', 'heartbeat')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Newest first. */
export const listSchedules = (db: Db, accountId: AccountId, kinds: ScheduleKind[], agentId?: string) =>
  schedulesOf(db, accountId, kinds, agentId).orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(MAX_LISTED).execute()

export type ScheduleRow = Awaited<ReturnType<typeof listSchedules>>[number]

interface SchedulePage {
  agentId?: string | undefined
  after: TimePlace | undefined
  limit: number
}

/** Newest first, from behind a place; `place` is when each was made, exactly. */
export const listSchedulePage = (db: Db, accountId: AccountId, kinds: ScheduleKind[], { agentId, after, limit }: SchedulePage) =>
  schedulesOf(db, accountId, kinds, agentId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countSchedules(db: Db, accountId: AccountId, kinds: ScheduleKind[], agentId?: string): Promise<number> {
  const { count } = await schedulesOfKind(db, accountId, kinds, agentId)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const findSchedule = (db: Db, accountId: AccountId, kinds: ScheduleKind[], id: string) =>
  schedulesOf(db, accountId, kinds).where('id', '=', id).executeTakeFirst()

/** The row stays locked until the transaction ends. */
export const lockSchedule = (db: Db, accountId: AccountId, kinds: ScheduleKind[], id: string) =>
  schedulesOf(db, accountId, kinds).where('id', '=', id).forUpdate().executeTakeFirst()

export const findHeartbeat = (db: Db, accountId: AccountId, agentId: string) =>
  schedulesOf(db, accountId, ['heartbeat']).where('agentId', '=', agentId).executeTakeFirst()

export interface NewSchedule {
  id: string
  agentId: string
  kind: ScheduleKind
  name: string
  description?: string | null
  prompt: string
  payload?: Record<string, unknown>
  cronExpression?: string
  timezone?: string
  everyMs?: number
  isEnabled: boolean
  nextRunAt: string | null
  /** Whose spending its runs are, where that is a key that may spend only so much. */
  keyId: string | null
}

const toRow = (accountId: AccountId, { payload, ...schedule }: NewSchedule) => ({
  ...schedule,
  accountId,
  ...(payload ? { payload: JSON.stringify(payload) } : {}),
})

export const insertSchedule = (db: Db, accountId: AccountId, schedule: NewSchedule) =>
  db.insertInto('schedules').values(toRow(accountId, schedule)).returning(scheduleColumns).executeTakeFirstOrThrow()

/** An agent has one heartbeat; a second one takes the place of the first, but for its id and what it did. */
export const upsertHeartbeat = (db: Db, accountId: AccountId, heartbeat: NewSchedule) =>
  db
    .insertInto('schedules')
    .values(toRow(accountId, heartbeat))
    .onConflict((oc) =>
      oc
        .columns(['agentId'])
        // A literal: for a parameter Postgres cannot tell that the partial index fits, once it plans for any value.
        .where('kind', '=', sql.lit('heartbeat'))
        .doUpdateSet((eb) => ({
          everyMs: eb.ref('excluded.everyMs'),
          isEnabled: eb.ref('excluded.isEnabled'),
          nextRunAt: eb.ref('excluded.nextRunAt'),
          prompt: eb.ref('excluded.prompt'),
          keyId: eb.ref('excluded.keyId'),
          updatedAt: sql<string>`now()`,
        })),
    )
    .execute()

export type ScheduleChange = Partial<
  Pick<NewSchedule, 'name' | 'description' | 'prompt' | 'cronExpression' | 'timezone' | 'isEnabled' | 'nextRunAt' | 'keyId'>
>

export const updateSchedule = (db: Db, accountId: AccountId, id: string, change: ScheduleChange) =>
  db
    .updateTable('schedules')
    .set({ ...change, updatedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .returning(scheduleColumns)
    .executeTakeFirstOrThrow()

/** When the agent was last asked. */
export const touchSchedule = (db: Db, accountId: AccountId, id: string, lastRunAt: string) =>
  db.updateTable('schedules').set({ lastRunAt }).where('accountId', '=', accountId).where('id', '=', id).execute()

/** Takes its runs with it. */
export const deleteSchedule = (db: Db, accountId: AccountId, kinds: ScheduleKind[], id: string) =>
  db
    .deleteFrom('schedules')
    .where('accountId', '=', accountId)
    .where('kind', 'in', kinds)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()

export const deleteHeartbeat = (db: Db, accountId: AccountId, agentId: string) =>
  db.deleteFrom('schedules').where('accountId', '=', accountId).where('kind', '=', 'heartbeat').where('agentId', '=', agentId).execute()
