import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../scripts/server-process.ts'
import { startOfProcess } from '../../server/platform/host/process-start.ts'
import { installStandIn } from './stand-in-openclaw.ts'

// Two servers and two gateways are started, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

let dataDir: string
let server: ServerProcess
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-killed-'))
})
afterAll(async () => {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const start = async () =>
  startServerProcess(SERVER, {
    RUNTIME: 'process',
    DATA_DIR: dataDir,
    OPENCLAW_DIR: await installStandIn(dataDir),
    RUNTIME_START_SECONDS: '15',
    LOG_LEVEL: 'warn',
    RATE_LIMIT_SCALE: '100',
  })

async function call(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { headers: response.headers, body: await response.json() }
}

async function signUp(): Promise<Record<string, string>> {
  const credentials = { email: 'ada@example.org', password: 'correct horse' }
  await call('POST', '/api/register', {}, credentials)
  const cookie = (await call('POST', '/api/auth/login', {}, credentials)).headers.get('set-cookie')!.split(';')[0]!
  const { key } = (await call('POST', '/api/keys', { cookie }, { name: 'test' })).body
  return { authorization: `Bearer ${key}` }
}

test('an agent goes on where it was after its server was killed, with one gateway and not two', async () => {
  server = await start()
  const key = await signUp()
  const agentId: string = (await call('POST', '/api/agents/provision', key, { name: 'Night Clerk' })).body.agent.id
  const ask = async () => (await call('POST', '/api/chat', key, { agentId, message: 'How often?' })).body.reply
  expect(await ask()).toBe('1 times')
  const { pid } = JSON.parse(await readFile(join(dataDir, 'agents', agentId, 'gateway.json'), 'utf8'))
  await server.stop('SIGKILL')
  expect(startOfProcess(pid)).toBeDefined()

  server = await start()
  expect(startOfProcess(pid)).toBeUndefined()
  expect(await ask()).toBe('2 times')
  expect((await call('GET', `/api/agents/${agentId}`, key)).body.agent.status).toBe('running')
})
