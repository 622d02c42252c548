import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Which server the call runs on that money is set aside for. `lapsed`: given back because that server was gone.
  await sql`alter table ledger_holds add column server_id text collate "C"`.execute(db)
  await sql`alter table ledger_holds drop constraint ledger_holds_state_check`.execute(db)
  await sql`
    alter table ledger_holds
      add constraint ledger_holds_state_check check (state in ('open', 'settled', 'released', 'lapsed')),
      add constraint ledger_holds_lapsed check (state <> 'lapsed' or taken_micro_usd = 0)`.execute(db)

  // A signed voucher can pay for a call that still runs.
  await sql`alter table payment_vouchers add column server_id text collate "C"`.execute(db)
  await sql`alter table payment_vouchers drop constraint payment_vouchers_check`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`update payment_vouchers set captured_at = now() where signature is not null and captured_at is null`.execute(db)
  await sql`alter table payment_vouchers drop column server_id`.execute(db)
  await sql`alter table payment_vouchers add constraint payment_vouchers_check check (signature is null or captured_at is not null)`.execute(
    db,
  )
  await sql`update ledger_holds set state = 'released' where state = 'lapsed'`.execute(db)
  await sql`alter table ledger_holds drop constraint ledger_holds_lapsed, drop constraint ledger_holds_state_check`.execute(db)
  await sql`alter table ledger_holds add constraint ledger_holds_state_check check (state in ('open', 'settled', 'released'))`.execute(db)
  await sql`alter table ledger_holds drop column server_id`.execute(db)
}
