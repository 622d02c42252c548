import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/**
 * What an account did stays counted when an agent is deleted. Runs of tools and changes of status outlive it as calls of models
 * do; of its turns the figures are kept, and of its messages how many there were, since their texts go with it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['tool_runs', 'agent_status_changes'])
    await sql`
      alter table ${sql.table(table)}
        drop constraint ${sql.ref(`${table}_account_id_agent_id_fkey`)},
        add foreign key (account_id) references accounts (id) on delete cascade`.execute(db)

  await sql`
    create table past_turns (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      status text not null check (status in ('answered', 'failed')),
      finished_at timestamptz not null,
      wall_ms integer
    )`.execute(db)
  await sql`create index past_turns_account on past_turns (account_id, finished_at)`.execute(db)
  await sql`create index past_turns_finished on past_turns using brin (finished_at)`.execute(db)
  await isolate(db, 'past_turns')

  await sql`
    create table past_messages (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      hour timestamptz not null,
      messages integer not null check (messages > 0),
      primary key (account_id, hour)
    )`.execute(db)
  await sql`create index past_messages_hour on past_messages using brin (hour)`.execute(db)
  await isolate(db, 'past_messages')

  // A trigger, so that no way of deleting can forget it. With its account everything goes.
  await sql`
    create function keep_figures_of_agent() returns trigger language plpgsql as $$
    begin
      if not exists (select from accounts where id = old.account_id) then
        return old;
      end if;
      insert into past_turns (id, account_id, status, finished_at, wall_ms)
      select id, account_id, status, finished_at, wall_ms from agent_turns
      where account_id = old.account_id and agent_id = old.id and status in ('answered', 'failed') and finished_at is not null;
      insert into past_messages as known (account_id, hour, messages)
      select account_id, date_trunc('hour', created_at, 'UTC'), count(*)::int from messages
      where account_id = old.account_id and agent_id = old.id group by 1, 2 order by 1, 2
      on conflict (account_id, hour) do update set messages = known.messages + excluded.messages;
      insert into agent_status_changes (account_id, agent_id, from_status, status) values (old.account_id, old.id, old.status, 'deleted');
      return old;
    end $$`.execute(db)
  await sql`create trigger agent_figures_kept before delete on agents for each row execute function keep_figures_of_agent()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger agent_figures_kept on agents`.execute(db)
  await sql`drop function keep_figures_of_agent`.execute(db)
  await sql`drop table past_messages, past_turns`.execute(db)
  for (const table of ['tool_runs', 'agent_status_changes']) {
    await sql`delete from ${sql.table(table)} as row where not exists (select from agents where agents.id = row.agent_id)`.execute(db)
    await sql`
      alter table ${sql.table(table)}
        drop constraint ${sql.ref(`${table}_account_id_fkey`)},
        add foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade`.execute(db)
  }
}
