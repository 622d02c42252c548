import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await countInMicroUsd(db)
  await createHolds(db)
  await createSessions(db)
}

/** The books counted whole credits; a credit is a US dollar, and calls cost fractions of one. */
async function countInMicroUsd(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ledger_entries disable trigger ledger_entries_apply`.execute(db)
  await sql`update ledger_entries set amount = amount * 1000000`.execute(db)
  await sql`update ledger_books set balance = balance * 1000000, currency = 'usd-micro'`.execute(db)
  await sql`alter table ledger_entries enable trigger ledger_entries_apply`.execute(db)
  await sql`alter table ledger_books add constraint ledger_books_currency check (currency = 'usd-micro')`.execute(db)
}

async function createHolds(db: Kysely<unknown>): Promise<void> {
  // Money set aside for a call that still runs. What was taken of it is known once it has ended.
  await sql`
    create table ledger_holds (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete restrict,
      amount_micro_usd bigint not null check (amount_micro_usd >= 0),
      taken_micro_usd bigint check (taken_micro_usd between 0 and amount_micro_usd),
      reason text not null,
      state text not null default 'open' check (state in ('open', 'settled', 'released')),
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      check ((state = 'open') = (taken_micro_usd is null)),
      check ((state = 'open') = (ended_at is null)),
      check (state <> 'released' or taken_micro_usd = 0)
    )`.execute(db)
  await sql`create index ledger_holds_open on ledger_holds (account_id) where state = 'open'`.execute(db)
  await sql`create index ledger_holds_expiry on ledger_holds (expires_at) where state = 'open'`.execute(db)
  await letRead(db, 'ledger_holds')

  await sql`
    create function ledger_check_holds() returns trigger language plpgsql as $$
    declare
      owner text;
      held bigint;
    begin
      if tg_table_name = 'ledger_holds' then owner := new.account_id; else owner := substr(new.book_id, length('held:') + 1); end if;
      select coalesce(sum(amount_micro_usd), 0) into held from ledger_holds where account_id = owner and state = 'open';
      if held <> coalesce((select balance from ledger_books where id = 'held:' || owner), 0) then
        raise exception 'the open holds of account % are not what its book holds', owner;
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create constraint trigger ledger_holds_booked after insert or update on ledger_holds
    deferrable initially deferred for each row execute function ledger_check_holds()`.execute(db)
  await sql`
    create constraint trigger ledger_entries_held after insert on ledger_entries
    deferrable initially deferred for each row when (new.book_id like 'held:%') execute function ledger_check_holds()`.execute(db)
}

async function createSessions(db: Kysely<unknown>): Promise<void> {
  // No index has a column that a voucher changes, so that charging one does not have to touch any index.
  await sql`
    create table payment_sessions (
      id text collate "C" primary key check (id like 'ses\_%'),
      account_id text collate "C" not null references accounts (id) on delete restrict,
      address text collate "C" not null check (address ~ '^0x[0-9a-f]{40}$'),
      deposit_micro_usd bigint not null check (deposit_micro_usd between 1000000 and 100000000),
      spent_micro_usd bigint not null default 0 check (spent_micro_usd <= deposit_micro_usd),
      settled_micro_usd bigint not null default 0 check (settled_micro_usd between 0 and spent_micro_usd),
      pending_vouchers integer not null default 0 check (pending_vouchers >= 0),
      status text not null default 'active' check (status in ('active', 'closed')),
      created_at timestamptz not null default now(),
      last_settled_at timestamptz not null default now(),
      closed_at timestamptz,
      unique (account_id, id),
      check ((status = 'closed') = (closed_at is not null)),
      check (status <> 'closed' or (settled_micro_usd = spent_micro_usd and pending_vouchers = 0))
    ) with (fillfactor = 50)`.execute(db)
  await sql`create unique index payment_sessions_one_active on payment_sessions (account_id, address) where status = 'active'`.execute(db)
  await sql`create index payment_sessions_address on payment_sessions (account_id, address, created_at desc)`.execute(db)
  await sql`create index payment_sessions_settled on payment_sessions (last_settled_at) where status = 'active'`.execute(db)
  await letRead(db, 'payment_sessions')

  // One row per charge. One that the platform made for a call (no signature) is captured when the call has
  // succeeded; one that never is, because its server died, is given back.
  await sql`
    create table payment_vouchers (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      session_id text collate "C" not null,
      nonce text collate "C" not null check (char_length(nonce) between 1 and 128),
      amount_micro_usd bigint not null check (amount_micro_usd >= 0),
      plugin text not null,
      signature text,
      created_at timestamptz not null default now(),
      captured_at timestamptz,
      settled_at timestamptz,
      unique (session_id, nonce),
      foreign key (account_id, session_id) references payment_sessions (account_id, id),
      check (signature is null or captured_at is not null)
    )`.execute(db)
  await sql`create index payment_vouchers_pending on payment_vouchers (session_id, created_at) where settled_at is null`.execute(db)
  await sql`create index payment_vouchers_uncaptured on payment_vouchers (created_at) where captured_at is null`.execute(db)
  await letRead(db, 'payment_vouchers')

  await sql`
    create function payment_session_check_book() returns trigger language plpgsql as $$
    declare
      checked text;
      kept bigint;
    begin
      if tg_table_name = 'payment_sessions' then checked := new.id; else checked := substr(new.book_id, length('session:') + 1); end if;
      select case status when 'closed' then 0 else deposit_micro_usd - settled_micro_usd end into kept from payment_sessions where id = checked;
      if kept is distinct from coalesce((select balance from ledger_books where id = 'session:' || checked), 0) then
        raise exception 'a payment session and its book do not agree';
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create constraint trigger payment_sessions_booked after insert or update of status, deposit_micro_usd, settled_micro_usd on payment_sessions
    deferrable initially deferred for each row execute function payment_session_check_book()`.execute(db)
  await sql`
    create constraint trigger ledger_entries_session after insert on ledger_entries
    deferrable initially deferred for each row when (new.book_id like 'session:%') execute function payment_session_check_book()`.execute(
    db,
  )
}

/** Accounts read their own rows; only the system connection writes what is money. */
async function letRead(db: Kysely<unknown>, table: string): Promise<void> {
  await isolate(db, table)
  await sql`revoke insert, update, delete on ${sql.table(table)} from ${sql.raw(APP_ROLE)}`.execute(db)
}

/** Only while the books hold whole credits, as before. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      if exists (select from ledger_entries where amount % 1000000 <> 0) then raise exception 'the ledger has fractions of a credit'; end if;
    end $$`.execute(db)
  await sql`drop trigger ledger_entries_session on ledger_entries`.execute(db)
  await sql`drop trigger ledger_entries_held on ledger_entries`.execute(db)
  await sql`drop table payment_vouchers, payment_sessions, ledger_holds`.execute(db)
  await sql`drop function payment_session_check_book, ledger_check_holds`.execute(db)
  await sql`alter table ledger_books drop constraint ledger_books_currency`.execute(db)
  await sql`alter table ledger_entries disable trigger ledger_entries_apply`.execute(db)
  await sql`update ledger_entries set amount = amount / 1000000`.execute(db)
  await sql`update ledger_books set balance = balance / 1000000, currency = 'credits'`.execute(db)
  await sql`alter table ledger_entries enable trigger ledger_entries_apply`.execute(db)
}
