import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const ruleColumns = ['id', 'address', 'basisPoints', 'role', 'name', 'thresholdUnits'] as const
const splitColumns = ['id', 'amountUnits', 'release', 'trigger', 'status', 'createdAt', 'executedAt', 'feeUnits', 'completedAt'] as const

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
  db.selectFrom('splits').where('accountId', '=', accountId).where('id', '=', id).select(splitColumns).executeTakeFirst()

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

/** Begins to share a split out, for such a fee; undefined when that was done before. */
export const markExecuted = (systemDb: Db, accountId: AccountId, id: string, feeUnits: number) =>
  systemDb
    .updateTable('splits')
    .set({ status: 'processing', executedAt: sql<string>`now()`, feeUnits })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .returning(splitColumns)
    .executeTakeFirst()

/** Splits all of whose payouts are over: completed, or failed when one of those is. */
export const endFinished = (systemDb: Db) =>
  sql`
    update splits set completed_at = now(), status = case when exists (
        select from settlement_payouts p join chain_transfers t on t.ref = p.ref where p.split_id = splits.id and t.state = 'failed'
      ) then 'failed' else 'completed' end
    where status = 'processing' and not exists (
      select from settlement_payouts p left join chain_transfers t on t.ref = p.ref
      where p.split_id = splits.id and p.ref is not null and coalesce(t.state, '') not in ('confirmed', 'failed'))`.execute(systemDb)
