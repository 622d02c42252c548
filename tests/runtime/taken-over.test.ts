import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAgent } from '../../server/agents/agents.service.ts'
import { jobContext } from '../../server/auth/job-context.ts'
import type { Platform } from '../../server/core/context.ts'
import { newId } from '../../server/core/ids.ts'
import { startOfProcess } from '../../server/core/process-start.ts'
import { renewServerLease } from '../../server/core/server-lease.ts'
import { driverOf } from '../../server/runtime/create-driver.ts'
import { startAgent } from '../../server/runtime/runtime.service.ts'
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

let frozen: Platform
/** What the gateway of the frozen server waits for before it goes on. */
let goesOn: string
let agentId: string
let starting: Promise<unknown>
beforeEach(async () => {
  const dataDir = await mkdtemp(join(folder, 'frozen-'))
  const openClaw = await installStandIn(dataDir)
  goesOn = join(dataDir, 'goes-on.mjs')
  const program = join(openClaw, 'openclaw.mjs')
  const standIn = await readFile(program, 'utf8')
  await writeFile(
    program,
    `import { existsSync } from 'node:fs'
while (!existsSync(${JSON.stringify(goesOn)})) await new Promise((look) => setTimeout(look, 20))
await import(${JSON.stringify(goesOn)})
`,
  )
  await appendFile(program, standIn)
  const env = { ...server.platform.env, DATA_DIR: dataDir, OPENCLAW_DIR: openClaw }
  frozen = { ...server.platform, env, serverId: newId('server') }
  await renewServerLease(frozen)

  const ctx = (await jobContext(frozen, account.id))!
  agentId = (await createAgent(ctx, { name: 'Night Clerk', config: {} })).id
  starting = startAgent(ctx, { agentId })
  await expect.poll(() => gatewayOf(frozen)).toBeDefined()
  await server.platform.databases.system
    .updateTable('servers')
    .set({ leaseExpiresAt: sql<string>`now()` })
    .where('id', '=', frozen.serverId)
    .execute()
  expect((await post(`/api/agents/${agentId}/start`)).body).toMatchObject({ success: true, status: 'active' })
})
afterEach(() => driverOf(frozen).close())

async function gatewayOf({ env }: Platform): Promise<number | undefined> {
  const identity = await readFile(join(env.DATA_DIR, 'agents', agentId, 'gateway.json'), 'utf8').catch(() => undefined)
  return identity && JSON.parse(identity).pid
}

test('an agent that was taken over has one gateway, also when the server that lost it starts its own after all', async () => {
  const lost = (await gatewayOf(frozen))!
  await writeFile(goesOn, '')
  await expect(starting).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER', status: 503 })
  expect(startOfProcess(lost)).toBeUndefined()
  expect(startOfProcess((await gatewayOf(server.platform))!)).toBeDefined()
  expect(await statusOf(agentId)).toBe('running')
})

test('an agent that was taken over runs, whatever fails at the server that lost it', async () => {
  await writeFile(goesOn, 'process.exit(1)')
  await expect(starting).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER' })
  expect(startOfProcess((await gatewayOf(server.platform))!)).toBeDefined()
  expect(await statusOf(agentId)).toBe('running')
})
