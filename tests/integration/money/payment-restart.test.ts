import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'
import { startSession } from '../../../server/identity/auth/sessions.ts'
import { readEnv } from '../../../server/platform/core/env.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { createLogger } from '../../../server/platform/core/log.ts'
import { startPlatform } from '../../../server/platform/host/platform.ts'
import { signVoucher, wallet } from '../../contract/wallet.ts'
import { payIn } from '../../helpers/ledger.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

// Two servers are started one after the other, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const postgres = process.env.TEST_DATABASE_URL
const database = `agentbot_test_payments_${process.pid}`
const PATH = '/api/wallet/sessions'

let dataDir: string
let environment: Record<string, string>
let running: ServerProcess | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  environment = { DATA_DIR: dataDir, LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100', APP_SECRET: 'a secret that only tests use, long enough' }
  if (postgres) environment.DATABASE_URL = await createDatabase(postgres, database)
})
afterEach(async () => {
  await running?.stop('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
  if (postgres) await dropDatabase(postgres, database)
})

async function start(): Promise<ServerProcess> {
  running = await startServerProcess(SERVER, environment)
  return running
}

async function call({ url }: ServerProcess, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Somebody with ten credits, made while no server runs. @returns the headers that sign them in. */
async function openAccount(): Promise<Record<string, string>> {
  const platform = await startPlatform(readEnv(environment), createLogger({ LOG_LEVEL: 'silent' }))
  const { system } = platform.databases
  const id = newId('user')
  await system.insertInto('accounts').values({ id, name: 'Ines', referralCode: 'INES' }).execute()
  await system.insertInto('users').values({ id, name: 'Ines', personalAccountId: id }).execute()
  await system.insertInto('memberships').values({ accountId: id, userId: id, role: 'owner' }).execute()
  await payIn(platform, id, 10_000_000)
  const cookie = await startSession(platform, id, { method: 'password', secondFactor: false, ip: '', userAgent: null })
  await platform.close()
  return { cookie: cookie.split(';')[0]! }
}

test('a session and what was spent of it survive kill -9', async () => {
  const account = await openAccount()
  const server = await start()
  const opened = await call(server, 'POST', PATH, { address: wallet.address, deposit: '6.00' }, account)
  const { id } = opened.body.session
  const [first, second] = [await signVoucher(id), await signVoucher(id)]
  expect((await call(server, 'POST', `${PATH}/voucher`, first)).status).toBe(200)
  await server.stop('SIGKILL')

  const again = await start()
  const { session } = (await call(again, 'GET', `${PATH}?sessionId=${id}`, undefined, account)).body
  expect(session).toMatchObject({ deposit: '6.00', spent: '0.05', remaining: '5.95', status: 'active', vouchers: [{ amount: '0.05' }] })
  expect((await call(again, 'POST', `${PATH}/voucher`, first)).body.code).toBe('NONCE_USED')
  expect((await call(again, 'POST', `${PATH}/voucher`, second)).body.session).toMatchObject({ spent: '0.10' })
  expect((await call(again, 'DELETE', `${PATH}?sessionId=${id}`, undefined, account)).body.returned).toBe('5.90')
  expect((await call(again, 'GET', '/api/settings', undefined, account)).body.credits).toBe(9.9)
})
