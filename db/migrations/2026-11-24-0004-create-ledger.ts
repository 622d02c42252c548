import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Double entry: a transaction's entries sum to zero. Books without an owner are the platform's own
  // and may go below zero (that is how credit comes into being); an account's never may.
  await sql`
    create table ledger_books (
      id text collate "C" primary key,
      account_id text collate "C" references accounts (id) on delete restrict,
      currency text not null,
      balance bigint not null default 0,
      check (account_id is null or balance >= 0)
    )`.execute(db)
  await sql`create index ledger_books_account on ledger_books (account_id)`.execute(db)
  await sql`
    create table ledger_entries (
      transaction_id text collate "C" not null,
      book_id text collate "C" not null references ledger_books (id),
      amount bigint not null check (amount <> 0),
      reason text not null,
      created_at timestamptz not null default now(),
      primary key (transaction_id, book_id)
    )`.execute(db)
  await sql`create index ledger_entries_book on ledger_entries (book_id, created_at)`.execute(db)

  await sql`
    create function ledger_apply_entry() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'INSERT' then raise exception 'ledger entries are only ever appended'; end if;
      update ledger_books set balance = balance + new.amount where id = new.book_id;
      return new;
    end $$`.execute(db)
  await sql`create trigger ledger_entries_apply before insert or update or delete on ledger_entries for each row execute function ledger_apply_entry()`.execute(
    db,
  )
  await sql`
    create function ledger_check_sum() returns trigger language plpgsql as $$
    begin
      if (select sum(amount) from ledger_entries where transaction_id = new.transaction_id) <> 0 then
        raise exception 'ledger transaction % does not sum to zero', new.transaction_id;
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create constraint trigger ledger_entries_sum after insert on ledger_entries
    deferrable initially deferred for each row execute function ledger_check_sum()`.execute(db)

  // Accounts may read their own book; only the system connection writes.
  await sql`alter table ledger_books enable row level security`.execute(db)
  await sql`create policy own_rows on ledger_books for select to ${sql.raw(APP_ROLE)} using (account_id = (select current_setting('app.user_id', true)))`.execute(
    db,
  )
  await sql`grant select on ledger_books to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table ledger_entries, ledger_books`.execute(db)
  await sql`drop function ledger_check_sum, ledger_apply_entry`.execute(db)
}
