import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { type Asker, endOfApproval, isApprovable, UNDECIDED } from '../wallets/index.ts'

const ruleColumns = ['id', 'address', 'basisPoints', 'role', 'name', 'thresholdUnits'] as const
const splitColumns = [
  'id',
  'amountUnits',
  'release',
  'trigger',
  'status',
  'askedForAgent',
  'createdAt',
  'executedAt',
  'feeUnits',
  'completedAt',
] as const

/** Whether it waits for an owner, and too long: that is over then, whether or not that was written down. */
const isOverdue = sql<boolean>`splits.approval = 'waiting' and not ${isApprovable('splits.asked_at')}`
const approvalColumns = [
  sql<string | null>`case when ${isOverdue} then 'expired' else splits.approval end`.as('approval'),
  sql<string | null>`case when ${isOverdue} then ${sql.lit(UNDECIDED)} else splits.approval_reason end`.as('approvalReason'),
  endOfApproval('splits.asked_at').as('approvableUntil'),
]

/** A rule. Amounts are millionths of a USDC. */
export type RuleRow = NonNullable<Awaited<ReturnType<typeof insertRule>>>
/** A split without its rules. */
export type SplitRow = NonNullable<Awaited<ReturnType<typeof findSplit>>>

interface NewRule {
  id: string
  address: string
  basisPoints: number
  role: string
  name: string
  thresholdUnits: number
}

export const insertRule = (db: Db, accountId: AccountId, rule: NewRule) =>
  db
    .insertInto('splitRules')
    .values({ ...rule, accountId })
    .returning(ruleColumns)
    .executeTakeFirstOrThrow()

/** Newest first, from behind a place; `place` is when each was made, exactly. */
export const listRules = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  db
    .selectFrom('splitRules')
    .where('accountId', '=', accountId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(ruleColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const findRules = (db: Db, accountId: AccountId, ids: string[]) =>
  db.selectFrom('splitRules').where('accountId', '=', accountId).where('id', 'in', ids).select(ruleColumns).execute()

export async function insertSplit(
  db: Db,
  accountId: AccountId,
  split: Pick<SplitRow, 'id' | 'amountUnits' | 'release' | 'trigger'>,
  ruleIds: string[],
): Promise<void> {
  await db
    .insertInto('splits')
    .values({ ...split, accountId })
    .execute()
  const shares = ruleIds.map((ruleId, position) => ({ accountId, splitId: split.id, position, ruleId }))
  await db.insertInto('splitShares').values(shares).execute()
}

export const findSplit = (db: Db, accountId: AccountId, id: string) =>
  db
    .selectFrom('splits')
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .select(splitColumns)
    .select(approvalColumns)
    .executeTakeFirst()

const splits = (db: Db, accountId: AccountId, pendingOnly: boolean) =>
  db
    .selectFrom('splits')
    .where('accountId', '=', accountId)
    .$if(pendingOnly, (query) => query.where('status', '=', 'pending'))

/** Newest first, from behind a place; `place` is when each was made, exactly. */
export const listSplits = (db: Db, accountId: AccountId, pendingOnly: boolean, limit: number, after?: TimePlace) =>
  splits(db, accountId, pendingOnly)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(splitColumns)
    .select(approvalColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countSplits(db: Db, accountId: AccountId, pendingOnly: boolean): Promise<number> {
  const { count } = await splits(db, accountId, pendingOnly)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export async function countRules(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await db
    .selectFrom('splitRules')
    .where('accountId', '=', accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Rules of splits, in their order. */
export const listRulesOf = (db: Db, accountId: AccountId, splitIds: string[]) =>
  db
    .selectFrom('splitShares')
    .innerJoin('splitRules', 'splitRules.id', 'splitShares.ruleId')
    .where('splitShares.accountId', '=', accountId)
    .where('splitShares.splitId', 'in', splitIds)
    .select(['splitId', 'splitRules.id', 'address', 'basisPoints', 'role', 'name', 'thresholdUnits'])
    .orderBy('splitId')
    .orderBy('position')
    .execute()

/** What waits to be shared out, in millionths of a USDC. */
export async function sumPending(db: Db, accountId: AccountId): Promise<number> {
  const { sum } = await splits(db, accountId, true)
    .select(sql<number>`coalesce(sum(amount_units), 0)::int8`.as('sum'))
    .executeTakeFirstOrThrow()
  return sum
}

const pending = (systemDb: Db, accountId: AccountId, id: string) =>
  systemDb.updateTable('splits').where('accountId', '=', accountId).where('id', '=', id).where('status', '=', 'pending')

const now = sql<string>`now()`

/** Begins to share a split out, for such a fee, whoever was asked; false when that was done before. */
export async function markExecuted(systemDb: Db, accountId: AccountId, id: string, feeUnits: number): Promise<boolean> {
  const marked = await pending(systemDb, accountId, id)
    .set({
      status: 'processing',
      executedAt: now,
      feeUnits,
      approval: sql<string | null>`case when approval = 'waiting' then 'approved' else approval end`,
    })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** Notes that an owner is asked; what waits already goes on waiting, from when it was asked first. False when it is shared out. */
export async function markAsked(systemDb: Db, accountId: AccountId, id: string, asker: Asker, reason: string): Promise<boolean> {
  const isNew = sql<boolean>`(splits.approval is distinct from 'waiting' or ${isOverdue})`
  await pending(systemDb, accountId, id)
    .where(isNew)
    .set({
      approval: 'waiting',
      approvalReason: reason,
      askedAt: now,
      askedBy: asker.requestedBy,
      askedForAgent: asker.agentId,
      decidedBy: null,
    })
    .execute()
  return (await findSplit(systemDb, accountId, id))?.status === 'pending'
}

/** Decides one that waits, and not too long. @returns who had asked; undefined when it does not wait. */
export const decideSplit = (
  systemDb: Db,
  accountId: AccountId,
  id: string,
  decision: { approval: 'approved' | 'declined'; decidedBy: string },
) =>
  pending(systemDb, accountId, id)
    .where('approval', '=', 'waiting')
    .where(isApprovable('asked_at'))
    .set({ ...decision, ...(decision.approval === 'approved' ? {} : { approvalReason: 'An owner declined it.' }) })
    .returning(['askedForAgent', 'askedBy'])
    .executeTakeFirst()

/** Ends the waiting of splits that nobody has decided in time. */
export const expireSplits = (systemDb: Db) =>
  systemDb.updateTable('splits').set({ approval: 'expired', approvalReason: UNDECIDED }).where(isOverdue).execute()

/** Splits all of whose payouts are over: completed, or failed when one of those is. */
export const endFinished = (systemDb: Db) =>
  sql`
    update splits set completed_at = now(), status = case when exists (
        select from settlement_payouts p join chain_transfers t on t.ref = p.ref where p.split_id = splits.id and t.state = 'failed'
      ) then 'failed' else 'completed' end
    where status = 'processing' and not exists (
      select from settlement_payouts p left join chain_transfers t on t.ref = p.ref
      where p.split_id = splits.id and p.ref is not null and coalesce(t.state, '') not in ('confirmed', 'failed'))`.execute(systemDb)
