import { sql, type Kysely } from 'kysely'

/** Codes of an authenticator app, and the codes that stand in for them. Only the server itself reads either. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table second_factors (
      user_id text collate "C" primary key references users (id) on delete cascade,
      secret text not null,
      activated_at timestamptz,
      last_step integer,
      failures integer not null default 0,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table recovery_codes (
      user_id text collate "C" not null references users (id) on delete cascade,
      code_hash text collate "C" not null,
      used_at timestamptz,
      primary key (user_id, code_hash)
    )`.execute(db)
  for (const table of ['second_factors', 'recovery_codes']) await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table recovery_codes`.execute(db)
  await sql`drop table second_factors`.execute(db)
}
