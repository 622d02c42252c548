import { sql, type SqlBool } from 'kysely'
import type { Db } from '#db/client.ts'
import { type AuditEvent, newId } from '../core/index.ts'

/** Rises when what an event holds changes its meaning. */
const VERSION = 1

/**
 * Adds an event to its chain. The head of the chain is locked until the transaction ends, so it is the last thing done in
 * one; who writes to several chains does so in the order of their names.
 *
 * @param db Of the event's account, or the system's.
 */
export const insertEvent = (db: Db, { accountId, action, outcome, code, actor, targets, context, changes }: AuditEvent) =>
  // What is computed by the trigger has to be there for the types only.
  db
    .insertInto('auditEvents')
    .values({
      accountId,
      id: newId('auditEvent'),
      action,
      outcome,
      code,
      actorType: actor.type,
      actorId: actor.id,
      actorName: actor.name,
      targets: JSON.stringify(targets),
      context: JSON.stringify(context),
      changes: changes && JSON.stringify(changes),
      version: VERSION,
      number: 0,
      at: new Date(0).toISOString(),
      hash: '',
    })
    .execute()

/** Which events are asked for. Times are ISO 8601: from `from` to before `to`. */
export interface EventFilter {
  actorId?: string | undefined
  action?: string | undefined
  targetId?: string | undefined
  outcome?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

const filtered = (db: Db, accountId: string, { actorId, action, targetId, outcome, from, to }: EventFilter) =>
  db
    .selectFrom('auditEvents')
    .where('accountId', '=', accountId)
    .$if(actorId !== undefined, (query) => query.where('actorId', '=', actorId!))
    .$if(action !== undefined, (query) => query.where('action', '=', action!))
    .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome!))
    .$if(from !== undefined, (query) => query.where('at', '>=', from!))
    .$if(to !== undefined, (query) => query.where('at', '<', to!))
    .$if(targetId !== undefined, (query) =>
      query.where('number', 'in', (eb) =>
        eb.selectFrom('auditTargets').where('accountId', '=', accountId).where('targetId', '=', targetId!).select('number'),
      ),
    )

const columns = [
  'number',
  'id',
  'at',
  'action',
  'outcome',
  'code',
  'actorType',
  'actorId',
  'actorName',
  'targets',
  'context',
  'changes',
  'hash',
] as const

/** Events of a chain, newest first; `before` is the number of the one they are behind. */
export const listEvents = (db: Db, accountId: string, filter: EventFilter, limit: number, before?: number) =>
  filtered(db, accountId, filter)
    .$if(before !== undefined, (query) => query.where('number', '<', before!))
    .select(columns)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()

export async function countEvents(db: Db, accountId: string, filter: EventFilter): Promise<number> {
  const { count } = await filtered(db, accountId, filter)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const headColumns = ['chain', 'number', 'hash', 'removedNumber', 'removedHash'] as const

/** The heads of all chains, some at a time, in the order of their names. */
export const listHeads = (systemDb: Db, limit: number, after = '') =>
  systemDb.selectFrom('auditHeads').where('chain', '>', after).select(headColumns).orderBy('chain').limit(limit).execute()

export type Head = Awaited<ReturnType<typeof listHeads>>[number]

/** Of heads that have moved since. */
export const listHeadsSince = (systemDb: Db, since: string, limit: number, after = '') =>
  systemDb
    .selectFrom('auditHeads')
    .where('at', '>=', since)
    .where('chain', '>', after)
    .select(headColumns)
    .orderBy('chain')
    .limit(limit)
    .execute()

/** Part of a chain as it should be: each event with the hash it has, and the one its content and the event before it give. */
export async function readChain(systemDb: Db, chain: string, after: { number: number; hash: string }, upTo: number, limit: number) {
  const { rows } = await sql<{ number: number; hash: string; computed: string }>`
    select number, hash, audit_hash(lag(hash, 1, ${after.hash}) over (order by number), part) as computed
    from (
      select * from audit_events
      where account_id = ${chain} and number > ${after.number} and number <= ${upTo} order by number limit ${limit}) as part
    order by number`.execute(systemDb)
  return rows
}

export const findEventHash = (systemDb: Db, chain: string, number: number) =>
  systemDb.selectFrom('auditEvents').where('accountId', '=', chain).where('number', '=', number).select('hash').executeTakeFirst()

/** Chains with events older than so many days, or with more than so many events. */
export async function listChainsToCut(systemDb: Db, days: number, maxEvents: number, limit: number, after: string): Promise<string[]> {
  const { rows } = await sql<{ chain: string }>`
    select chain from audit_heads
    where chain > ${after} and (number - removed_number > ${maxEvents} or exists (
      select from audit_events where account_id = chain and number = removed_number + 1 and at < now() - make_interval(days => ${days}::int)))
    order by chain limit ${limit}`.execute(systemDb)
  return rows.map(({ chain }) => chain)
}

/**
 * Removes the oldest events of a chain that are older than so many days, or more than so many; at most `limit` of them, as
 * a whole beginning of the chain. The head keeps the hash of the last one that is gone. Part of a transaction.
 *
 * @returns how many are gone.
 */
export async function removeBeginning(systemDb: Db, chain: string, days: number, maxEvents: number, limit: number): Promise<number> {
  const head = await systemDb
    .selectFrom('auditHeads')
    .where('chain', '=', chain)
    .select(['number', 'removedNumber'])
    .forUpdate()
    .executeTakeFirst()
  if (!head) return 0
  const isOver = sql<SqlBool>`(number <= ${head.number - maxEvents} or at < now() - make_interval(days => ${days}::int))`
  const last = await systemDb
    .selectFrom('auditEvents')
    .where('accountId', '=', chain)
    .where('number', '<=', head.removedNumber + limit)
    .where(isOver)
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!last) return 0
  await sql`select set_config('app.audit_removal', 'on', true)`.execute(systemDb)
  await systemDb.deleteFrom('auditTargets').where('accountId', '=', chain).where('number', '<=', last.number).execute()
  await systemDb.deleteFrom('auditEvents').where('accountId', '=', chain).where('number', '<=', last.number).execute()
  await systemDb.updateTable('auditHeads').where('chain', '=', chain).set({ removedNumber: last.number, removedHash: last.hash }).execute()
  await sql`select set_config('app.audit_removal', '', true)`.execute(systemDb)
  return last.number - head.removedNumber
}
