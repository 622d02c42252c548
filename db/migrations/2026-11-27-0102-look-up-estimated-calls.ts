import { sql, type Kysely } from 'kysely'

/**
 * A call whose provider did not say what it took, and can be asked by the name it gave the call: `due` until that is queued, `asked` until
 * it has answered. What was counted of the call is corrected then, in the windows of budgets it was counted in.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table usage_events
      add column generation_id text,
      add column lookup text check (lookup in ('due', 'asked', 'answered', 'unknown')),
      add column counted_in jsonb,
      add check (lookup is null or generation_id is not null)`.execute(db)
  await sql`create index usage_events_lookup_due on usage_events (id) where lookup = 'due'`.execute(db)
  // A window begins with what was used before, estimated calls included.
  await sql`alter table budget_periods add column created_at timestamptz not null default now()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table budget_periods drop column created_at`.execute(db)
  await sql`alter table usage_events drop column counted_in, drop column lookup, drop column generation_id`.execute(db)
}
