import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

/**
 * Who did what. Each account has a chain of events, and the server one of its own (`server`): an event has the number
 * after the one before it and a hash over that one's, so that one that was changed or taken out is found. Rows are added
 * and never changed; only the oldest are removed, and the head of the chain keeps the hash of the last of those. There is
 * no reference to accounts: what was done to an account outlives it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_heads (
      chain text collate "C" primary key,
      number bigint not null default 0,
      hash text collate "C" not null default '',
      at timestamptz not null default '-infinity',
      removed_number bigint not null default 0,
      removed_hash text collate "C" not null default ''
    )`.execute(db)
  await sql`
    create table audit_events (
      account_id text collate "C" not null,
      number bigint not null,
      id text collate "C" not null,
      at timestamptz not null,
      action text collate "C" not null,
      outcome text collate "C" not null check (outcome in ('success', 'denied', 'failed')),
      code text collate "C",
      actor_type text collate "C" not null,
      actor_id text collate "C",
      actor_name text,
      targets jsonb not null,
      context jsonb not null,
      changes jsonb,
      version smallint not null,
      hash text collate "C" not null,
      primary key (account_id, number)
    )`.execute(db)
  await sql`create index audit_events_at on audit_events (account_id, at)`.execute(db)
  await sql`create index audit_events_action on audit_events (account_id, action, number)`.execute(db)
  await sql`create index audit_events_actor on audit_events (account_id, actor_id, number)`.execute(db)
  // What is in `targets`, to look events up by; made from there, and no part of the chain.
  await sql`
    create table audit_targets (
      account_id text collate "C" not null,
      target_id text collate "C" not null,
      number bigint not null,
      primary key (account_id, target_id, number)
    )`.execute(db)
  await createChain(db)
  await keepRows(db)
  for (const table of ['audit_events', 'audit_targets']) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
    await sql`
      create policy own_rows on ${sql.table(table)} to ${sql.raw(APP_ROLE)}
      using (account_id = (select current_setting('app.user_id', true)))
      with check (account_id = (select current_setting('app.user_id', true)))`.execute(db)
    await sql`grant select on ${sql.table(table)} to ${sql.raw(APP_ROLE)}`.execute(db)
  }
  await sql`grant insert on audit_events to ${sql.raw(APP_ROLE)}`.execute(db)
}

/** Numbers come from the head, which is locked until the transaction ends: those of a sequence are not in the order of the chain. */
async function createChain(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function audit_hash(previous text, event audit_events) returns text language sql stable as $$
      select encode(sha256(convert_to(jsonb_build_array(
        previous, event.account_id, event.number, event.id, to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        event.action, event.outcome, event.code, event.actor_type, event.actor_id, event.actor_name,
        event.targets, event.context, event.changes, event.version)::text, 'UTF8')), 'hex')
    $$`.execute(db)
  await sql`
    create function chain_audit_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      head audit_heads;
    begin
      select * into head from audit_heads where chain = new.account_id for update;
      if not found then
        insert into audit_heads (chain) values (new.account_id) on conflict do nothing;
        select * into head from audit_heads where chain = new.account_id for update;
      end if;
      new.number := head.number + 1;
      new.at := greatest(clock_timestamp(), head.at);
      new.hash := audit_hash(head.hash, new);
      update audit_heads set number = new.number, hash = new.hash, at = new.at where chain = new.account_id;
      insert into audit_targets (account_id, target_id, number)
        select distinct new.account_id, target ->> 'id', new.number from jsonb_array_elements(new.targets) as target
        on conflict do nothing;
      return new;
    end $$`.execute(db)
  await sql`
    create trigger audit_event_chained before insert on audit_events for each row execute function chain_audit_event()`.execute(db)
}

/** Against mistakes, also those of the connection that may do everything. */
async function keepRows(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function keep_audit_event() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('app.audit_removal', true) = 'on' then return old; end if;
      raise exception 'the audit log is only added to' using errcode = 'insufficient_privilege';
    end $$`.execute(db)
  await sql`
    create trigger audit_event_kept before update or delete on audit_events for each row execute function keep_audit_event()`.execute(db)
  await sql`
    create trigger audit_events_kept before truncate on audit_events for each statement execute function keep_audit_event()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['audit_targets', 'audit_events', 'audit_heads']) await sql`drop table ${sql.table(table)} cascade`.execute(db)
  for (const name of ['chain_audit_event', 'keep_audit_event']) await sql`drop function ${sql.raw(name)}`.execute(db)
}
