import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // A payment nobody got anything for goes to the balance of the account that made it, after a while.
  await sql`alter table chain_payments add column refunded_at timestamptz`.execute(db)
  await sql`
    alter table chain_payments add constraint chain_payments_refunded
    check (refunded_at is null or (state = 'confirmed' and spent_at is null and account_id is not null))`.execute(db)
  await sql`
    create index chain_payments_unused on chain_payments (confirmed_at)
    where state = 'confirmed' and spent_at is null and refunded_at is null and account_id is not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index chain_payments_unused`.execute(db)
  await sql`alter table chain_payments drop column refunded_at`.execute(db)
}
