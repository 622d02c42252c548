import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/** What is known of uploaded files; their bytes are in the store of files, under `storage_key`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table files (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      name text not null check (char_length(name) between 1 and 128),
      size bigint not null check (size >= 0),
      type text not null,
      sha256 text not null,
      storage_key text collate "C" not null unique,
      created_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index files_account on files (account_id, id desc)`.execute(db)
  await sql`create index files_agent on files (agent_id, id desc)`.execute(db)
  await isolate(db, 'files')

  // What has to go from the store: an upload that was not finished in time, and whatever lost its row,
  // also with its agent or account. A trigger queues it, so that it is done even if the server is killed.
  await sql`
    create table file_removals (
      storage_key text collate "C" primary key,
      due_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create function queue_file_removal() returns trigger language plpgsql security definer set search_path = public as $$
    begin
      insert into file_removals (storage_key) values (old.storage_key) on conflict (storage_key) do update set due_at = now();
      return null;
    end $$`.execute(db)
  await sql`create trigger file_deleted after delete on files for each row execute function queue_file_removal()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table files, file_removals`.execute(db)
  await sql`drop function queue_file_removal`.execute(db)
}
