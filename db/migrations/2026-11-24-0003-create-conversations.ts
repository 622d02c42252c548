import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table conversation_sessions (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      status text not null default 'active' check (status in ('active', 'idle', 'completed')),
      created_at timestamptz not null default now(),
      last_activity_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create unique index conversation_sessions_one_active on conversation_sessions (agent_id) where status = 'active'`.execute(db)
  await sql`create index conversation_sessions_agent on conversation_sessions (agent_id, last_activity_at desc)`.execute(db)
  await isolate(db, 'conversation_sessions')

  await sql`
    create table messages (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      session_id text collate "C" references conversation_sessions (id) on delete set null,
      sender text not null check (sender in ('user', 'agent')),
      content text not null,
      platform text not null check (platform in ('webchat', 'api', 'telegram', 'discord', 'whatsapp')),
      topic text check (char_length(topic) <= 100),
      reply_to text collate "C" references messages (id) on delete cascade,
      is_partial boolean not null default false,
      created_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index messages_agent on messages (agent_id, id desc)`.execute(db)
  await sql`create index messages_account on messages (account_id, id desc)`.execute(db)
  // In the order of the conversation: an answer right behind the message it answers.
  await sql`create index messages_session on messages (session_id, (coalesce(reply_to, id)) desc, id desc)`.execute(db)
  await sql`create unique index messages_one_reply on messages (reply_to)`.execute(db)
  await isolate(db, 'messages')

  // One row per message that waits for its reply or got one. The order of \`position\` is the order in
  // which an agent answers; the partial index lets no two servers answer for one agent at once.
  await sql`
    create table agent_turns (
      id text collate "C" primary key,
      position bigint generated always as identity unique,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      message_id text collate "C" not null references messages (id) on delete cascade,
      status text not null default 'queued' check (status in ('queued', 'running', 'answered', 'failed', 'aborted')),
      error text,
      lease_expires_at timestamptz,
      queued_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      wall_ms integer,
      cpu_ms double precision,
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create unique index agent_turns_one_running on agent_turns (agent_id) where status = 'running'`.execute(db)
  await sql`create index agent_turns_open on agent_turns (agent_id, position) where status in ('queued', 'running')`.execute(db)
  await sql`create index agent_turns_agent on agent_turns (agent_id, queued_at)`.execute(db)
  await sql`create index agent_turns_message on agent_turns (message_id)`.execute(db)
  await isolate(db, 'agent_turns')

  // One row per call of a model. Tokens are null when the provider did not say how many it counted.
  await sql`
    create table usage_events (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      agent_id text collate "C",
      turn_id text collate "C",
      provider text not null,
      model text not null,
      outcome text not null check (outcome in ('ok', 'failed', 'aborted')),
      input_tokens integer check (input_tokens >= 0),
      output_tokens integer check (output_tokens >= 0),
      latency_ms integer not null,
      first_token_ms integer,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index usage_events_account on usage_events (account_id, created_at)`.execute(db)
  await sql`create index usage_events_agent on usage_events (agent_id, created_at)`.execute(db)
  await isolate(db, 'usage_events')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table usage_events, agent_turns, messages, conversation_sessions`.execute(db)
}
