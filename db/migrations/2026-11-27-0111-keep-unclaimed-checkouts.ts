import { sql, type Kysely } from 'kysely'

/** Plans that were paid for by people who have no account here: they get them once they have one with the address they gave. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table unclaimed_checkouts (
      checkout_id text collate "C" primary key check (checkout_id like 'cs\\_%'),
      email text not null check (email = lower(email)),
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index unclaimed_checkouts_email on unclaimed_checkouts (email)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table unclaimed_checkouts`.execute(db)
}
