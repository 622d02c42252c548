import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#db/client.ts'

/** One thing that is not as it has to be: what it is about, and what is wrong with it. */
export interface LedgerProblem {
  subject: string
  problem: string
}

/** Most problems that are named of one kind: one that is everywhere is not a list of everything. */
const MAX_OF_A_KIND = 100

/** Triggers without which the database would let the books be changed, or not agree. */
const TRIGGERS = [
  'ledger_entries_apply',
  'ledger_entries_sum',
  'ledger_entries_kept',
  'ledger_entries_held',
  'ledger_entries_session',
  'ledger_books_kept',
  'ledger_books_all_kept',
  'ledger_holds_booked',
  'payment_sessions_booked',
]

/** Each finds rows of `subject` and `problem`; none where all is well. */
const checks: readonly RawBuilder<LedgerProblem>[] = [
  sql`select transaction_id as subject, 'does not sum to zero but to ' || sum(amount) as problem
    from ledger_entries group by transaction_id having sum(amount) <> 0`,
  sql`select b.id as subject, 'holds ' || b.balance || ', its entries say ' || coalesce(sum(e.amount), 0) as problem
    from ledger_books b left join ledger_entries e on e.book_id = b.id
    group by b.id having b.balance <> coalesce(sum(e.amount), 0)`,
  sql`select id as subject, 'belongs to an account and is below zero: ' || balance as problem
    from ledger_books where account_id is not null and balance < 0`,
  sql`select b.id as subject, 'holds ' || b.balance || ', the open holds are ' || coalesce(sum(h.amount_micro_usd), 0) as problem
    from ledger_books b left join ledger_holds h on b.account_id = h.account_id and h.state = 'open'
    where b.id like 'held:%' group by b.id having b.balance <> coalesce(sum(h.amount_micro_usd), 0)`,
  sql`select h.account_id as subject, 'has open holds and no book for them' as problem
    from ledger_holds h where h.state = 'open' and h.amount_micro_usd > 0
      and not exists (select from ledger_books b where b.id = 'held:' || h.account_id) group by h.account_id`,
  sql`select s.id as subject, 'is a payment session whose book holds ' || coalesce(b.balance, 0) as problem
    from payment_sessions s left join ledger_books b on b.id = 'session:' || s.id
    where coalesce(b.balance, 0) <> case s.status when 'closed' then 0 else s.deposit_micro_usd - s.settled_micro_usd end`,
  sql`select id as subject, 'is a payment on a chain that arrived and is in no book' as problem
    from chain_payments p where state = 'confirmed' and not exists
      (select from ledger_entries e where e.transaction_id = 'chain:' || p.chain_id || ':' || p.tx_hash)`,
  sql`select id as subject, 'is a payment that was given back and is in no book' as problem
    from chain_payments p where refunded_at is not null and not exists (select from ledger_entries e where e.transaction_id = 'refund:' || p.id)`,
  sql`select account_id as subject, 'has credit for a referral that is in no book' as problem
    from referrals r where status = 'credited' and not exists (select from ledger_entries e where e.transaction_id = 'referral-' || r.account_id)`,
  sql`select name as subject, 'is a trigger that is not there, or is switched off' as problem
    from unnest(${TRIGGERS}::text[]) as name
    where not exists (select from pg_trigger where tgname = name and not tgisinternal and tgenabled in ('O', 'A'))`,
]

/** Everything that is wrong with the books, at most a hundred of a kind; nothing when they are right. */
export async function findLedgerProblems(systemDb: Db): Promise<LedgerProblem[]> {
  const found: LedgerProblem[] = []
  for (const check of checks) {
    const { rows } =
      await sql<LedgerProblem>`select subject, problem from (${check}) as found order by subject limit ${MAX_OF_A_KIND}`.execute(systemDb)
    found.push(...rows)
  }
  return found
}

/** How much there is to check. */
export async function countLedger(systemDb: Db): Promise<{ books: number; transactions: number; entries: number }> {
  const { rows } = await sql<{ books: number; transactions: number; entries: number }>`
    select (select count(*) from ledger_books)::int8 as books, count(distinct transaction_id)::int8 as transactions, count(*)::int8 as entries
    from ledger_entries`.execute(systemDb)
  return rows[0]!
}
