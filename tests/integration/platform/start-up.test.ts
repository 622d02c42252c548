import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess } from '../../../scripts/server-process.ts'
import { asAdmin, createDatabase, dropDatabase, templateName } from '../../helpers/test-database.ts'

// Each test starts a server, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const APP_SECRET = 'a secret that only tests use, long enough'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'agentbot-test-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Starts a server that must not start. @returns the one line it says why in. */
async function refusal(environment: Record<string, string>): Promise<string> {
  const failure = await startServerProcess(SERVER, { DATA_DIR: folder, LOG_LEVEL: 'error', ...environment }).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ exitCode: 1, message: expect.stringMatching(/^The server did not start:\n[^\n]+$/) })
  return (failure as Error).message.split('\n')[1]!
}

test('a DATA_DIR that is a file', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  expect(await refusal({ DATA_DIR: file })).toBe(`${file} is a file where a folder is needed. Move it away, or set another DATA_DIR.`)
})

test('a data folder whose database is broken', async () => {
  await mkdir(join(folder, 'pglite'))
  await writeFile(join(folder, 'pglite', 'PG_VERSION'), 'nonsense')
  await writeFile(join(folder, 'app-secret'), APP_SECRET)
  expect(await refusal({})).toMatch(
    new RegExp(`^The embedded database in ${folder}/pglite cannot be opened .*Put a backup of the folder back`),
  )
})

test('an empty secret', async () => {
  await writeFile(join(folder, 'app-secret'), '')
  expect(await refusal({})).toMatch(new RegExp(`^The secret in ${folder}/app-secret has 0 characters, expected 32 or more.`))
})

test('another secret than the one that sealed the data', async () => {
  const server = await startServerProcess(SERVER, { DATA_DIR: folder, LOG_LEVEL: 'error', APP_SECRET })
  await server.stop()
  expect(await refusal({ APP_SECRET: `${APP_SECRET}, and not the one before` })).toMatch(
    /^The data in the database was sealed with another secret .*APP_SECRET_PREVIOUS\.$/,
  )
})

test('a database that does not answer', async () => {
  const line = await refusal({ DATABASE_URL: 'postgres://nobody:hunter2@127.0.0.1:9/nothing', APP_SECRET })
  expect(line).toMatch(/^The database of DATABASE_URL cannot be used \(connect ECONNREFUSED 127.0.0.1:9\)/)
})

test.runIf(process.env.TEST_DATABASE_URL)('a database that is not there, by the words of Postgres', async () => {
  const url = new URL(process.env.TEST_DATABASE_URL!)
  url.pathname = '/no_such_database'
  expect(await refusal({ DATABASE_URL: url.href, APP_SECRET })).toMatch(/\(database "no_such_database" does not exist\)/)
})

test.runIf(process.env.TEST_DATABASE_URL)('a database that shows accounts to each other', async () => {
  const name = `agentbot_test_start_${process.pid}`
  const url = await createDatabase(process.env.TEST_DATABASE_URL!, name, templateName)
  await asAdmin(url, 'alter table agents owner to agentbot_app')
  expect(await refusal({ DATABASE_URL: url, APP_SECRET })).toMatch(/not kept to one account each: the role agentbot_app owns agents/)
  await dropDatabase(process.env.TEST_DATABASE_URL!, name)
})

test('a HOST that is none of this machine', async () => {
  expect(await refusal({ HOST: '203.0.113.1' })).toBe('203.0.113.1 is no address of this machine. Set another HOST.')
})
