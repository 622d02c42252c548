import { sql } from 'kysely'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabases, type Databases } from '../../../db/client.ts'
import { checkIsolation } from '../../../db/isolation-check.ts'
import { checkSecret } from '../../../server/platform/host/secret-check.ts'
import { createSecrets } from '../../../server/platform/core/secrets.ts'
import { openTestDatabase } from '../../helpers/test-database.ts'

let databases: Databases
let url: string | undefined
beforeEach(async () => void ({ databases, url } = await openTestDatabase()))
afterEach(() => databases.close())

const addAccount = () => databases.system.insertInto('accounts').values({ id: 'usr_1', name: 'Ada', referralCode: 'ADA' }).execute()

test('a database as the migrations make it keeps accounts apart', async () => {
  await addAccount()
  await checkIsolation(databases)
})

test('tables that belong to the application are refused: their owner is under no policy', async () => {
  await sql`alter table agents owner to agentbot_app`.execute(databases.system)
  await expect(checkIsolation(databases)).rejects.toThrow(
    /not kept to one account each: the role agentbot_app owns agents; row-level security is not in force on agents/,
  )
})

test('a policy that shows accounts to everybody is refused', async () => {
  await addAccount()
  await sql`create policy everybody on accounts using (true)`.execute(databases.system)
  await expect(checkIsolation(databases)).rejects.toThrow(/they see accounts without having one/)
})

test.runIf(process.env.TEST_DATABASE_URL)('options in the address change neither role nor time zone nor time-outs', async () => {
  await addAccount()
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  const options = '-c role=postgres -c timezone=Asia/Tokyo -c statement_timeout=0 -c row_security=on'
  const opened = await openDatabases({ databaseUrl: `${url}?options=${encodeURIComponent(options)}&query_timeout=1`, dataDir })
  await checkIsolation(opened)
  for (const db of [opened.forAccount(null), opened.system]) {
    const { rows } = await sql`select current_setting('timezone') as zone, current_setting('statement_timeout') as timeout`.execute(db)
    expect(rows).toEqual([{ zone: 'UTC', timeout: '4500ms' }])
  }
  expect(await opened.forAccount(null).selectFrom('accounts').select('id').execute()).toEqual([])
  await opened.close()
  await rm(dataDir, { recursive: true })
})

const [first, second] = ['the first secret, long enough for a server', 'the second secret, long enough for a server']

test('another secret than the one that sealed the data is refused, unless the earlier one is named', async () => {
  await checkSecret(databases.system, first, [])
  await checkSecret(databases.system, first, [])
  await expect(checkSecret(databases.system, second, [])).rejects.toThrow(/sealed with another secret.*APP_SECRET_PREVIOUS/)
  await checkSecret(databases.system, second, [first])
  await checkSecret(databases.system, second, [])
  await expect(checkSecret(databases.system, first, [])).rejects.toThrow(/sealed with another secret/)
})

test('servers that start for the first time at once with one secret agree, with two only one of them starts', async () => {
  await Promise.all(Array.from({ length: 5 }, () => checkSecret(databases.system, first, [])))
  await databases.system.deleteFrom('secretCheck').execute()
  const starts = await Promise.allSettled([first, second, first, second].map((secret) => checkSecret(databases.system, secret, [])))
  const { sealedValue } = await databases.system.selectFrom('secretCheck').select('sealedValue').executeTakeFirstOrThrow()
  const winner = [first, second].find((secret) => canOpen(secret, sealedValue))
  expect(starts.map(({ status }) => status)).toEqual(
    [first, second, first, second].map((secret) => (secret === winner ? 'fulfilled' : 'rejected')),
  )
})

function canOpen(secret: string, box: string): boolean {
  try {
    return createSecrets(secret).open(box, 'secret check') !== ''
  } catch {
    return false
  }
}
