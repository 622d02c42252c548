import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openDatabases, type Databases } from '../../../db/client.ts'
import { checkIsolation } from '../../../db/isolation-check.ts'
import { SERVER, startServerProcess } from '../../../scripts/server-process.ts'
import { findFreePort } from '../../helpers/private-postgres.ts'
import { createDatabase, dropDatabase, templateName } from '../../helpers/test-database.ts'

vi.setConfig({ testTimeout: 60_000 })

const postgres = process.env.TEST_DATABASE_URL
const database = `agentbot_test_pgbouncer_${process.pid}`
const accounts = ['usr_pgbouncer_a', 'usr_pgbouncer_b']

let folder: string
let pooler: ChildProcess | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  await chmod(folder, 0o755)
  if (postgres) await createDatabase(postgres, database, templateName)
})
afterEach(async () => {
  if (!pooler) return
  if (pooler.exitCode === null && pooler.signalCode === null) {
    const ended = once(pooler, 'exit')
    pooler.kill('SIGKILL')
    await ended
  }
  pooler = undefined
})
afterAll(async () => {
  if (postgres) await dropDatabase(postgres, database)
  await rm(folder, { recursive: true })
})

/** Starts a real PgBouncer in front of the test's database. @returns the address of the database behind it. */
async function startPooler(mode: 'session' | 'transaction' | 'statement', more = ''): Promise<string> {
  const { hostname, port, username, password } = new URL(postgres!)
  const poolerPort = await findFreePort()
  const file = join(folder, `${mode}.ini`)
  const target = `host=${hostname} port=${port || 5432} user=${username}${password ? ` password=${password}` : ''}`
  await writeFile(
    file,
    `[databases]\n* = ${target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${poolerPort}\nauth_type = any\npool_mode = ${mode}\ndefault_pool_size = 40\nunix_socket_dir =\n${more}`,
  )
  // It refuses to run as root, so somebody else reads that; a server that started before may have closed new files to others.
  await chmod(folder, 0o755)
  await chmod(file, 0o644)
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  pooler = spawn('pgbouncer', [file], { stdio: ['ignore', 'ignore', 'pipe'], ...asNobody })
  const { promise: listens, resolve, reject } = Promise.withResolvers<void>()
  pooler.once('exit', () => reject(new Error('PgBouncer did not start.')))
  createInterface({ input: pooler.stderr! }).on('line', (line) => line.includes('process up') && resolve())
  await listens
  return `postgres://${username}@127.0.0.1:${poolerPort}/${database}`
}

const open = async (url: string): Promise<Databases> => openDatabases({ databaseUrl: url, dataDir: folder })

const emailsSeenBy = async (databases: Databases, accountId: string | null) =>
  (await databases.forAccount(accountId).selectFrom('accounts').select('id').execute()).map(({ id }) => id)

test.runIf(postgres)('in session mode accounts are kept apart, and notifications are heard', async () => {
  const databases = await open(await startPooler('session'))
  await checkIsolation(databases)
  await databases.system
    .insertInto('accounts')
    .values(accounts.map((id) => ({ id, name: id, referralCode: id.toUpperCase() })))
    .execute()
  const callers = Array.from({ length: 10 }, (_, count) => accounts[count % 2]!)
  const seen = await Promise.all(callers.map((id) => emailsSeenBy(databases, id)))
  expect(seen).toEqual(callers.map((id) => [id]))
  expect(await emailsSeenBy(databases, null)).toEqual([])

  const { promise: heard, resolve } = Promise.withResolvers<string>()
  await databases.listen('credentials', { onMessage: resolve, onChange: () => undefined })
  await databases.system.deleteFrom('accounts').where('id', '=', accounts[0]!).execute()
  expect(await heard).toBe(accounts[0])
  await databases.close()
})

test.runIf(postgres)('in transaction mode nothing is opened, also when it hands out its connections in turn', async () => {
  await expect(open(await startPooler('transaction'))).rejects.toThrow(/a pooler that shares connections.*pool_mode = session/)
  pooler!.kill('SIGKILL')
  await once(pooler!, 'exit')
  await expect(open(await startPooler('transaction', 'server_round_robin = 1\nmin_pool_size = 3\n'))).rejects.toThrow(/pool_mode = session/)
})

test.runIf(postgres)('in statement mode nothing is opened either', async () => {
  await expect(open(await startPooler('statement'))).rejects.toThrow(/pool_mode = session/)
})

test.runIf(postgres)('a server behind a pooler in transaction mode says so in one line and ends with 1', async () => {
  const DATABASE_URL = await startPooler('transaction')
  const refused = startServerProcess(SERVER, {
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL,
    APP_SECRET: 'a secret that only tests use, long enough',
  })
  await expect(refused).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/^The server did not start:\nDATABASE_URL leads to a pooler that shares connections [^\n]*$/),
  })
})
