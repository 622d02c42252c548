import { sql, type Kysely } from 'kysely'

/** What was booked stays, also against `truncate`; and a book holds what its entries say: nothing but an entry changes it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ledger_keep_entries() returns trigger language plpgsql as $$
    begin
      raise exception 'ledger entries are only ever appended' using errcode = 'insufficient_privilege';
    end $$`.execute(db)
  await sql`
    create trigger ledger_entries_kept before truncate on ledger_entries
    for each statement execute function ledger_keep_entries()`.execute(db)

  // An entry changes its book from within its own trigger, which is one level further down.
  await sql`
    create function ledger_keep_books() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' and new.balance = 0 then return new; end if;
      if tg_op = 'UPDATE' and pg_trigger_depth() > 1 and new.id = old.id and new.account_id is not distinct from old.account_id then
        return new;
      end if;
      raise exception 'a ledger book is changed by its entries only' using errcode = 'insufficient_privilege';
    end $$`.execute(db)
  await sql`
    create trigger ledger_books_kept before insert or update or delete on ledger_books
    for each row execute function ledger_keep_books()`.execute(db)
  await sql`
    create trigger ledger_books_all_kept before truncate on ledger_books
    for each statement execute function ledger_keep_entries()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger ledger_books_all_kept on ledger_books`.execute(db)
  await sql`drop trigger ledger_books_kept on ledger_books`.execute(db)
  await sql`drop trigger ledger_entries_kept on ledger_entries`.execute(db)
  await sql`drop function ledger_keep_books, ledger_keep_entries`.execute(db)
}
