import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAgent } from '../../server/agents/definitions/agents.service.ts'
import { jobContext } from '../../server/platform/account/job-context.ts'
import type { AccountContext, Platform } from '../../server/platform/core/context.ts'
import { newId } from '../../server/platform/core/ids.ts'
import { startOfProcess } from '../../server/platform/host/process-start.ts'
import { renewServerLease } from '../../server/platform/host/server-lease.ts'
import { driverOf } from '../../server/agents/drivers/create-driver.ts'
import { firstStart, startAgent } from '../../server/agents/runtime/runtime.service.ts'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { installStandIn } from './stand-in-openclaw.ts'

// A server stands still while it starts an agent, for longer than its lease; another one takes the agent over. Each has a
// data folder of its own, as on machines of their own.

let server: TestServer
let account: TestAccount
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-taken-over-'))
  const dataDir = join(folder, 'server')
  server = await startTestServer({ RUNTIME: 'process', DATA_DIR: dataDir, OPENCLAW_DIR: await installStandIn(dataDir) })
  server.platform.env.RUNTIME_MODELS_URL = `${server.url}/v1`
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const post = (path: string) => server.call('POST', path, { key: account.key, body: {} })
const statusOf = async (id: string): Promise<string> =>
  (await server.call('GET', `/api/agents/${id}`, { key: account.key })).body.agent.status

async function gatewayOf(dataDir: string, agentId: string): Promise<number | undefined> {
  const identity = await readFile(join(dataDir, 'agents', agentId, 'gateway.json'), 'utf8').catch(() => undefined)
  return identity && JSON.parse(identity).pid
}

/** A server that stands still while it starts an agent, which another one has taken over and started since. */
interface Frozen {
  agentId: string
  /** Its gateway, not ready yet. */
  lost: number
  /** Lets that go on with this code before it becomes ready. */
  goOn(code: string): Promise<void>
  starting: Promise<unknown>
}

let frozen: Platform
afterEach(() => driverOf(frozen).close())

async function freeze(begin: (ctx: AccountContext, agentId: string) => Promise<unknown>): Promise<Frozen> {
  const dataDir = await mkdtemp(join(folder, 'frozen-'))
  const openClaw = await installStandIn(dataDir)
  const goesOn = join(dataDir, 'goes-on.mjs')
  await delayGateway(join(openClaw, 'openclaw.mjs'), goesOn)
  const env = { ...server.platform.env, DATA_DIR: dataDir, OPENCLAW_DIR: openClaw }
  frozen = { ...server.platform, env, serverId: newId('server') }
  await renewServerLease(frozen)

  const ctx = (await jobContext(frozen, account.id))!
  const { id: agentId } = await createAgent(ctx, { name: 'Night Clerk', config: {} })
  const starting = begin(ctx, agentId)
  await expect.poll(() => gatewayOf(dataDir, agentId)).toBeDefined()
  const servers = server.platform.databases.system.updateTable('servers').where('id', '=', frozen.serverId)
  await servers.set({ leaseExpiresAt: sql<string>`now()` }).execute()
  await post(`/api/agents/${agentId}/start`)
  return { agentId, lost: (await gatewayOf(dataDir, agentId))!, goOn: (code) => writeFile(goesOn, code), starting }
}

/** Has a gateway wait for a file before it does anything, and run that first. */
async function delayGateway(program: string, file: string): Promise<void> {
  const path = JSON.stringify(file)
  const wait = `import { existsSync } from 'node:fs'
while (!existsSync(${path})) await new Promise((look) => setTimeout(look, 20))
await import(${path})
`
  await writeFile(program, wait + (await readFile(program, 'utf8')))
}

const start = (ctx: AccountContext, agentId: string) => startAgent(ctx, { agentId })

test('an agent that was taken over has one gateway, also when the server that lost it starts its own after all', async () => {
  const { agentId, lost, goOn, starting } = await freeze(start)
  expect(await statusOf(agentId)).toBe('running')
  await goOn('')
  await expect(starting).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER', status: 503 })
  expect(startOfProcess(lost)).toBeUndefined()
  expect(startOfProcess((await gatewayOf(server.platform.env.DATA_DIR, agentId))!)).toBeDefined()
  expect(await statusOf(agentId)).toBe('running')
})

test('an agent that was taken over runs, whatever fails at the server that lost it', async () => {
  const { agentId, goOn, starting } = await freeze(start)
  await goOn('process.exit(1)')
  await expect(starting).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER' })
  expect(startOfProcess((await gatewayOf(server.platform.env.DATA_DIR, agentId))!)).toBeDefined()
  expect(await statusOf(agentId)).toBe('running')
})

test('a new agent that was taken over is answered as it is, for who tried again would have two', async () => {
  const { agentId, goOn, starting } = await freeze(firstStart)
  await goOn('')
  await expect(starting).resolves.toMatchObject({ id: agentId, status: 'running' })
})
