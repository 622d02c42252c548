import { sql, type Kysely } from 'kysely'

/** Payments that wait for an owner wait no longer than some days, and whole splits can wait for one as payments do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table wallet_sends drop constraint wallet_sends_state_check`.execute(db)
  await sql`alter table wallet_sends add constraint wallet_sends_state_check
    check (state in ('waiting', 'ordered', 'declined', 'expired'))`.execute(db)
  await sql`create index wallet_sends_waiting on wallet_sends (created_at) where state = 'waiting'`.execute(db)

  // The last time somebody wished to share it out beyond what policies allow: `asked_for_agent` is the agent whose key that was.
  await sql`
    alter table splits
      add column approval text check (approval in ('waiting', 'approved', 'declined', 'expired')),
      add column approval_reason text,
      add column asked_at timestamptz,
      add column asked_by text collate "C",
      add column asked_for_agent text collate "C",
      add column decided_by text collate "C",
      add constraint splits_asked check ((approval is null) = (asked_at is null) and (approval is null) = (asked_by is null)
        and (approval is null) = (approval_reason is null)),
      add constraint splits_waiting check (approval is distinct from 'waiting' or status = 'pending')`.execute(db)
  await sql`create index splits_waiting_since on splits (asked_at) where approval = 'waiting'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table splits
      drop column approval, drop column approval_reason, drop column asked_at,
      drop column asked_by, drop column asked_for_agent, drop column decided_by`.execute(db)
  await sql`drop index wallet_sends_waiting`.execute(db)
  await sql`update wallet_sends set state = 'declined' where state = 'expired'`.execute(db)
  await sql`alter table wallet_sends drop constraint wallet_sends_state_check`.execute(db)
  await sql`alter table wallet_sends add constraint wallet_sends_state_check check (state in ('waiting', 'ordered', 'declined'))`.execute(
    db,
  )
}
