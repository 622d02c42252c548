import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/**
 * What may be spent, in windows of time. A budget says how much; a period is one window of one budget, and a lease the part of it that
 * one server may give out by itself. That `spent + held` never exceeds the cap is what the constraint proves: a server spends nothing
 * it does not hold.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table budgets (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      kind text collate "C" not null check (kind in ('workspace', 'member', 'agent', 'key')),
      owner_id text collate "C" not null,
      unit text collate "C" not null check (unit in ('nano_usd', 'tokens')),
      period text collate "C" not null check (period in ('day', 'week', 'month')),
      cap bigint not null check (cap between 0 and 9000000000000000),
      zone text collate "C" not null default 'UTC',
      downgrade_model text,
      downgrade_percent smallint check (downgrade_percent between 1 and 99),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (account_id, kind, owner_id, unit, period),
      check ((downgrade_model is null) = (downgrade_percent is null))
    )`.execute(db)
  await isolate(db, 'budgets')

  // No reference to budgets: the limits of plans and of keys have periods as well, and are kept elsewhere.
  await sql`
    create table budget_periods (
      budget_id text collate "C" not null,
      starts_at timestamptz not null,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      ends_at timestamptz not null,
      cap bigint not null,
      spent bigint not null default 0 check (spent >= 0),
      held bigint not null default 0 check (held >= 0),
      -- What calls took beyond what was set aside for them: a provider that ignored its limit charges all the same.
      over bigint not null default 0 check (over >= 0),
      primary key (budget_id, starts_at),
      check (spent + held <= cap)
    )`.execute(db)
  await isolate(db, 'budget_periods')
  await sql`create index budget_periods_account on budget_periods (account_id, starts_at)`.execute(db)
  await sql`create index budget_periods_ended on budget_periods (ends_at)`.execute(db)

  await sql`
    create table budget_leases (
      budget_id text collate "C" not null,
      starts_at timestamptz not null,
      server_id text collate "C" not null,
      id text collate "C" not null,
      -- The last exchange that was booked: one whose answer was lost is asked for again, and is not booked twice.
      exchange int not null,
      amount bigint not null check (amount >= 0),
      primary key (budget_id, starts_at, server_id),
      foreign key (budget_id, starts_at) references budget_periods (budget_id, starts_at) on delete cascade
    )`.execute(db)
  await sql`create index budget_leases_server on budget_leases (server_id)`.execute(db)

  await sql`
    create table budget_notices (
      budget_id text collate "C" not null,
      starts_at timestamptz not null,
      percent smallint not null check (percent in (80, 100)),
      account_id text collate "C" not null references accounts (id) on delete cascade,
      at timestamptz not null default now(),
      told_at timestamptz,
      primary key (budget_id, starts_at, percent),
      foreign key (budget_id, starts_at) references budget_periods (budget_id, starts_at) on delete cascade
    )`.execute(db)
  await isolate(db, 'budget_notices')
  await sql`create index budget_notices_untold on budget_notices (at) where told_at is null`.execute(db)
  await sql`create index budget_notices_account on budget_notices (account_id, at)`.execute(db)

  await createWindows(db)
  await createSeed(db)
  await createExchange(db)
  await tellOfChanges(db)
}

/** The window that runs now: of the calendar of its time zone, weeks from Monday on. */
const createWindows = (db: Kysely<unknown>) =>
  sql`
    create function budget_window(period text, zone text, out starts_at timestamptz, out ends_at timestamptz) language sql stable as $$
      select began at time zone zone, (began + ('1 ' || period)::interval) at time zone zone
      from date_trunc(period, now() at time zone zone) as began
    $$`.execute(db)

/**
 * What was spent in a window before its period was made: a limit that is set in the middle of a month counts the whole of it.
 * The limits of keys also count what they took of prepaid credits.
 */
const createSeed = (db: Kysely<unknown>) =>
  sql`
    create function budget_spent_before(account text, budget text, kind text, owner text, unit text, starts timestamptz)
    returns bigint language sql stable as $$
      select case
        -- Of the limits of plans and keys, which are monthly, the sums are kept.
        when budget like 'plan:%' then coalesce((
          select sum(tokens) from usage_months where account_id = account and month = (starts at time zone 'UTC')::date
        ), 0)
        when budget like 'key:%' then coalesce((
          select sum(cost_nano_usd) from usage_months where account_id = account and key_id = owner and month = (starts at time zone 'UTC')::date
        ), 0)
        else coalesce((
          select sum(case when unit = 'tokens' then coalesce(input_tokens, 0) + coalesce(output_tokens, 0) else coalesce(cost_nano_usd, 0) end)
          from usage_events
          where account_id = account and created_at >= starts and not is_prepaid
            and (kind <> 'agent' or agent_id = owner)
            and (kind <> 'key' or key_id = owner)
            and (kind <> 'member' or key_id in (select id from api_keys where account_id = account and created_by = owner))
        ), 0)
      end::bigint + case when unit = 'nano_usd' and kind = 'key' then coalesce((
        select sum(case state when 'open' then amount_micro_usd else taken_micro_usd end) * 1000
        from ledger_holds where account_id = account and key_id = owner and created_at >= starts
      ), 0)::bigint else 0 end
    $$`.execute(db)

/**
 * One server's business with any number of periods, in one statement: it books what it has spent, gives back what it does not need and
 * takes what it asks for, as far as there is any. Rows are locked in one order: periods by their keys, and the lease of a period
 * after that. A lease that is not there any more was taken away and counts as spent: what is said of it is dropped.
 */
const createExchange = (db: Kysely<unknown>) =>
  sql`
    create function exchange_budgets(server text, lines jsonb) returns table (
      number int, starts_at timestamptz, ends_at timestamptz, seconds_left float8, is_taken boolean, granted bigint,
      cap bigint, spent bigint, held bigint, own bigint, is_scarce boolean, noticed boolean, is_removed boolean
    ) language plpgsql as $$
    #variable_conflict use_column
    declare
      line record;
      period budget_periods;
      lease budget_leases;
      known boolean;
      repeated boolean;
      wanted bigint;
      extra bigint;
      spare bigint;
      available bigint;
      servers int;
      new_notices int;
    begin
      for line in
        select each.*, each."startsAt" is null as is_new, coalesce(each."startsAt", current_window.starts_at) as begins, current_window.ends_at as ends
        from jsonb_to_recordset(lines) as each
          (number int, budget text, account text, kind text, owner text, unit text, period text, zone text, cap bigint, lease text, exchange int,
            "startsAt" timestamptz, spent bigint, over bigint, back bigint, need bigint, least bigint, spare bigint, refused boolean)
        cross join lateral budget_window(each.period, each.zone) as current_window
        order by each.budget, begins
      loop
        wanted := line.cap;
        is_removed := false;
        -- The limits of plans and keys are kept elsewhere, and known to the server.
        if line.budget not like '%:%' then
          wanted := (select budgets.cap from budgets where budgets.id = line.budget);
          is_removed := wanted is null;
        end if;
        if line.is_new and not is_removed then
          insert into budget_periods (budget_id, starts_at, account_id, ends_at, cap, spent)
            select line.budget, line.begins, line.account, line.ends, greatest(wanted, seed), seed
            from budget_spent_before(line.account, line.budget, line.kind, line.owner, line.unit, line.begins) as seed
            where not exists (select from budget_periods as p where p.budget_id = line.budget and p.starts_at = line.begins)
              and exists (select from accounts where accounts.id = line.account)
            on conflict do nothing;
        end if;
        select * into period from budget_periods as p where p.budget_id = line.budget and p.starts_at = line.begins for update;
        if not found or is_removed then
          -- The budget was removed, and its periods with it; or the account.
          number := line.number; starts_at := line.begins; ends_at := line.ends; seconds_left := 0; is_taken := true; granted := 0;
          cap := 0; spent := 0; held := 0; own := 0; is_scarce := false; noticed := false; is_removed := true;
          return next;
          continue;
        end if;
        select * into lease from budget_leases as l
          where l.budget_id = line.budget and l.starts_at = line.begins and l.server_id = server for update;
        known := found and lease.id = line.lease;
        repeated := known and lease.exchange = line.exchange;
        is_taken := not known and not line.is_new;
        if lease.id is not null and line.is_new and not known then
          -- An earlier one of the same server, whose end was lost on the way.
          period.spent := period.spent + lease.amount;
          period.held := period.held - lease.amount;
          lease.amount := 0;
        end if;
        if not known then lease.amount := 0; end if;
        if known and not repeated then
          period.spent := period.spent + line.spent;
          period.held := period.held - line.spent - line.back;
          lease.amount := lease.amount - line.spent - line.back;
          -- What was not set aside is spent as well, as far as there is any left.
          extra := least(line.over, greatest(wanted - period.spent - period.held, 0));
          period.spent := period.spent + extra;
          period.over := period.over + line.over - extra;
        end if;
        servers := 1 + (select count(*) from budget_leases as l
          where l.budget_id = line.budget and l.starts_at = line.begins and l.server_id <> server and l.amount > 0);
        granted := case when repeated then line.need else 0 end;
        is_scarce := repeated;
        if not is_taken and not repeated and line.need > 0 then
          available := greatest(wanted - period.spent - period.over - period.held, 0);
          granted := least(line.need, available);
          -- A part to go on with: what is asked for, at most a hundredth of all, and nothing when only a few parts are left.
          spare := least(line.spare, wanted / 100, (available - granted) / (4 * servers));
          is_scarce := available - granted < 4 * greatest(wanted / 100, 1);
          if not is_scarce then granted := granted + greatest(spare, 0); end if;
          period.held := period.held + granted;
          lease.amount := lease.amount + granted;
        end if;
        period.cap := greatest(wanted, period.spent + period.held);
        update budget_periods as p set cap = period.cap, spent = period.spent, held = period.held, over = period.over
          where p.budget_id = line.budget and p.starts_at = line.begins
            and (p.cap, p.spent, p.held, p.over) is distinct from (period.cap, period.spent, period.held, period.over);
        if not is_taken then
          insert into budget_leases as l (budget_id, starts_at, server_id, id, exchange, amount)
            values (line.budget, line.begins, server, line.lease, line.exchange, lease.amount)
            on conflict on constraint budget_leases_pkey
            do update set amount = excluded.amount, id = excluded.id, exchange = excluded.exchange;
        end if;
        insert into budget_notices (budget_id, starts_at, percent, account_id)
          select line.budget, line.begins, reached, period.account_id from unnest(array[80, 100]) as reached
          where wanted > 0 and (
            (period.spent + period.over) * 100::numeric >= reached * wanted::numeric
            -- Too little was left for a call: that is the end of it.
            or (reached = 100 and line.refused and (period.spent + period.over) * 100::numeric >= 80 * wanted::numeric))
            and not exists (select from budget_notices as n
              where n.budget_id = line.budget and n.starts_at = line.begins and n.percent = reached)
          on conflict do nothing;
        get diagnostics new_notices = row_count;
        number := line.number;
        starts_at := period.starts_at;
        ends_at := period.ends_at;
        seconds_left := extract(epoch from period.ends_at - clock_timestamp());
        cap := wanted;
        spent := period.spent + period.over;
        held := period.held;
        own := lease.amount;
        noticed := new_notices > 0;
        -- Others may hold what they do not need.
        if line.least > granted and not is_taken and held > own then perform pg_notify('budgets_wanted', line.budget); end if;
        return next;
      end loop;
    end $$`.execute(db)

/** Servers keep budgets at hand, and look again when they hear of a change. */
const tellOfChanges = async (db: Kysely<unknown>) => {
  await sql`
    create function tell_of_budgets() returns trigger language plpgsql as $$
    begin
      perform pg_notify('budgets', coalesce(new.account_id, old.account_id));
      return null;
    end $$`.execute(db)
  await sql`
    create trigger budgets_changed after insert or update or delete on budgets for each row execute function tell_of_budgets()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function exchange_budgets, budget_spent_before, budget_window`.execute(db)
  for (const table of ['budget_notices', 'budget_leases', 'budget_periods', 'budgets'])
    await sql`drop table ${sql.table(table)}`.execute(db)
  await sql`drop function tell_of_budgets`.execute(db)
}
