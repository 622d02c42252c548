import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { databasesOn } from '../../../db/client.ts'
import { openInMemory } from '../../../db/embedded.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

const CHANGED_BY = '2026-11-24-0006-create-payment-sessions.ts'
const folder = new URL('../../../db/migrations/', import.meta.url)

async function migrate(file: string, db: never): Promise<void> {
  const { up } = (await import(new URL(file, folder).href)) as { up: (db: never) => Promise<void> }
  await up(db)
}

test('credits that were booked as whole numbers are worth as much as before', async () => {
  const postgres = process.env.TEST_DATABASE_URL
  const name = `agentbot_test_migration_${process.pid}`
  const databases = databasesOn(postgres ? openPostgres(await createDatabase(postgres, name)) : await openInMemory())
  try {
    const earlier = (await readdir(folder)).filter((file) => file < CHANGED_BY).sort()
    for (const file of earlier) await migrate(file, databases.system as never)
    await sql`insert into accounts (id, email, name, password_hash, referral_code) values ('usr_1', 'ines@example.org', 'Ines', '', 'INES')`.execute(
      databases.system,
    )
    await sql`insert into ledger_books (id, account_id, currency) values ('credits:usr_1', 'usr_1', 'credits'), ('issued:credits', null, 'credits')`.execute(
      databases.system,
    )
    await sql`insert into ledger_entries (transaction_id, book_id, amount, reason) values ('t1', 'credits:usr_1', 10, 'referral'), ('t1', 'issued:credits', -10, 'referral')`.execute(
      databases.system,
    )

    await databases.system.transaction().execute((db) => migrate(CHANGED_BY, db as never))

    const { rows: books } = await sql`select id, currency, balance from ledger_books order by id`.execute(databases.system)
    expect(books).toEqual([
      { id: 'credits:usr_1', currency: 'usd-micro', balance: 10_000_000 },
      { id: 'issued:credits', currency: 'usd-micro', balance: -10_000_000 },
    ])
    const { rows: entries } = await sql`select amount from ledger_entries order by amount`.execute(databases.system)
    expect(entries).toEqual([{ amount: -10_000_000 }, { amount: 10_000_000 }])
    await expect(sql`update ledger_entries set amount = 1`.execute(databases.system)).rejects.toThrow('only ever appended')
  } finally {
    await databases.close()
    if (postgres) await dropDatabase(postgres, name)
  }
})
