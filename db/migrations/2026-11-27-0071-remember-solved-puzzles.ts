import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // A solved puzzle lets in once. Only the system connection reads or writes them.
  await sql`
    create table solved_puzzles (
      salt text collate "C" primary key,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index solved_puzzles_expiry on solved_puzzles (expires_at)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table solved_puzzles`.execute(db)
}
