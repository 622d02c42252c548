import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Days an owner has to approve what goes beyond the policies. */
const APPROVAL_DAYS = 7

/** What is said of what was not decided by then. */
export const UNDECIDED = `No owner decided it within ${APPROVAL_DAYS} days.`

/** When what was asked at the time of a column can no longer be approved. */
export const endOfApproval = (askedAt: string) => sql<string | null>`${sql.ref(askedAt)} + make_interval(days => ${sql.lit(APPROVAL_DAYS)})`

/** Whether it may still be approved, by the clock of the database. */
export const isApprovable = (askedAt: string) => sql<boolean>`${endOfApproval(askedAt)} > now()`

/** Ends payments that nobody has decided in time: none of them is ever sent. */
export const expireSends = (systemDb: Db) =>
  systemDb
    .updateTable('walletSends')
    .set({ state: 'expired', reason: UNDECIDED })
    .where('state', '=', 'waiting')
    .where(sql<boolean>`not ${isApprovable('created_at')}`)
    .execute()
