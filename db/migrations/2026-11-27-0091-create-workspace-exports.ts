import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/** Archives of everything a workspace has. The bytes are in the store of files; they go with the row. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table workspace_exports (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      status text not null default 'preparing' check (status in ('preparing', 'ready', 'failed')),
      storage_key text collate "C" unique,
      size bigint check (size >= 0),
      sha256 text,
      error text,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      expires_at timestamptz,
      check ((status = 'preparing') = (ended_at is null)),
      check ((status = 'ready') = (storage_key is not null)),
      check ((storage_key is null) = (size is null) and (size is null) = (sha256 is null) and (sha256 is null) = (expires_at is null))
    )`.execute(db)
  await sql`create unique index workspace_exports_one_at_a_time on workspace_exports (account_id) where status = 'preparing'`.execute(db)
  await sql`create index workspace_exports_account on workspace_exports (account_id, created_at)`.execute(db)
  await isolate(db, 'workspace_exports')
  await sql`
    create trigger export_deleted after delete on workspace_exports
    for each row when (old.storage_key is not null) execute function queue_file_removal()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table workspace_exports`.execute(db)
}
