import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // How an account came by the code of another one, and whether both got credit for it: the row is the referred account's.
  await sql`
    create table referrals (
      account_id text collate "C" primary key references accounts (id) on delete cascade,
      referrer_id text collate "C" not null references accounts (id) on delete cascade,
      status text not null default 'pending' check (status in ('pending', 'credited', 'capped')),
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      check ((status = 'pending') = (ended_at is null)),
      check (account_id <> referrer_id)
    )`.execute(db)
  await sql`create index referrals_referrer on referrals (referrer_id, status)`.execute(db)

  // Until now the credit came with the sign-up.
  await sql`
    insert into referrals (account_id, referrer_id, status, created_at, ended_at)
    select id, referred_by, case when is_credited then 'credited' else 'pending' end, created_at, case when is_credited then created_at end
    from (
      select id, referred_by, created_at,
        exists (select from ledger_entries where transaction_id = 'referral-' || accounts.id) as is_credited
      from accounts where referred_by is not null
    ) as referred`.execute(db)
  await sql`drop index accounts_referred_by`.execute(db)
  await sql`alter table accounts drop column referred_by`.execute(db)

  // Both sides may read a referral; only the system connection writes.
  await sql`alter table referrals enable row level security`.execute(db)
  await sql`
    create policy own_rows on referrals for select to ${sql.raw(APP_ROLE)}
    using ((select current_setting('app.user_id', true)) in (account_id, referrer_id))`.execute(db)
  await sql`grant select on referrals to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts add column referred_by text collate "C" references accounts (id) on delete set null`.execute(db)
  await sql`create index accounts_referred_by on accounts (referred_by)`.execute(db)
  await sql`update accounts set referred_by = referrer_id from referrals where referrals.account_id = accounts.id`.execute(db)
  await sql`drop table referrals`.execute(db)
}
