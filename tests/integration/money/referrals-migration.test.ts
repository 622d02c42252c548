import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { databasesOn } from '../../../db/client.ts'
import { openInMemory } from '../../../db/embedded.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

const isThatOne = (file: string): boolean => file.endsWith('-create-referrals.ts')
const folder = new URL('../../../db/migrations/', import.meta.url)

interface Migration {
  up(db: never): Promise<void>
  down(db: never): Promise<void>
}

const load = async (file: string): Promise<Migration> => (await import(new URL(file, folder).href)) as Migration

test('referrals of before keep their credit, and those that had none wait for it', async () => {
  const postgres = process.env.TEST_DATABASE_URL
  const name = `agentbot_test_referrals_${process.pid}`
  const databases = databasesOn(postgres ? openPostgres(await createDatabase(postgres, name)) : await openInMemory())
  const { system } = databases
  try {
    const files = (await readdir(folder)).toSorted()
    const at = files.findIndex(isThatOne)
    for (const file of files.slice(0, at)) await (await load(file)).up(system as never)
    await sql`
      insert into accounts (id, email, name, password_hash, referral_code, referred_by) values
        ('usr_1', 'ada@example.org', 'Ada', '', 'ADA', null), ('usr_2', 'ines@example.org', 'Ines', '', 'INES', 'usr_1'),
        ('usr_3', 'mary@example.org', 'Mary', '', 'MARY', 'usr_1')`.execute(system)
    await sql`insert into ledger_books (id, account_id, currency) values ('credits:usr_2', 'usr_2', 'usd-micro'), ('issued:credits', null, 'usd-micro')`.execute(
      system,
    )
    await sql`
      insert into ledger_entries (transaction_id, book_id, amount, reason) values
        ('referral-usr_2', 'credits:usr_2', 10000000, 'referral'), ('referral-usr_2', 'issued:credits', -10000000, 'referral')`.execute(
      system,
    )

    const { up, down } = await load(files[at]!)
    await system.transaction().execute((db) => up(db as never))
    const referrals = async () =>
      (
        await sql`select account_id, referrer_id, status, ended_at is not null as is_ended from referrals order by account_id`.execute(
          system,
        )
      ).rows
    expect(await referrals()).toEqual([
      { accountId: 'usr_2', referrerId: 'usr_1', status: 'credited', isEnded: true },
      { accountId: 'usr_3', referrerId: 'usr_1', status: 'pending', isEnded: false },
    ])

    await system.transaction().execute((db) => down(db as never))
    const { rows } = await sql`select id, referred_by from accounts order by id`.execute(system)
    expect(rows).toEqual([
      { id: 'usr_1', referredBy: null },
      { id: 'usr_2', referredBy: 'usr_1' },
      { id: 'usr_3', referredBy: 'usr_1' },
    ])
  } finally {
    await databases.close()
    if (postgres) await dropDatabase(postgres, name)
  }
})
