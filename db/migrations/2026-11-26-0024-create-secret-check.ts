import { sql, type Kysely } from 'kysely'

/** One value sealed with the secret of this database's servers: a server with another secret can tell before it does harm. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table secret_check (
      id boolean primary key default true check (id),
      sealed_value text not null
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table secret_check`.execute(db)
}
