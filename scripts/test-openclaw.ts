import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { Agent, setGlobalDispatcher } from 'undici'
import { startOfProcess } from '../server/platform/host/process-start.ts'
import { ensureBuilt } from './build.ts'
import { SERVER, startServerProcess, type ServerProcess } from './server-process.ts'

/**
 * Kills a server with RUNTIME=process and the real OpenClaw, starts it again, and looks whether the agent goes on
 * with one gateway; then whether OpenClaw repeats a call that its model's provider could not answer. For whoever changes the version in `server/agents/drivers/openclaw/version.ts`; not part of the tests,
 * because the package is 650 MB.
 *
 * Needs OPENCLAW_DIR: the folder of the installed package.
 */
const { OPENCLAW_DIR } = process.env
if (!OPENCLAW_DIR) {
  console.error('Usage: OPENCLAW_DIR=.../node_modules/openclaw npm run test:openclaw')
  process.exit(1)
}
// A message may wait for its agent longer than `fetch` would.
setGlobalDispatcher(new Agent({ headersTimeout: 0 }))
ensureBuilt()
const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-openclaw-'))
const provider = await startIllProvider()
let server: ServerProcess | undefined
try {
  server = await start()
  const { key, reader } = await signUp(server)
  const agentId: string = (await call(server, 'POST', '/api/agents/provision', key, { name: 'Night Clerk', model: 'local/commands' })).agent
    .id
  await check(server, key, agentId, 'answers')
  const before = await readIdentity(agentId)
  await server.stop('SIGKILL')
  say('the gateway outlives its server', startOfProcess(before.pid) === before.start)

  server = await start()
  say('the gateway that was left behind is ended', startOfProcess(before.pid) === undefined)
  await check(server, key, agentId, 'answers again')
  say('its gateway is another one', (await readIdentity(agentId)).pid !== before.pid)
  const { agent } = await call(server, 'GET', `/api/agents/${agentId}`, key)
  say(`its state is running (${agent.status})`, agent.status === 'running')
  const readLog = async (as: string): Promise<string> =>
    JSON.stringify(await call(server!, 'GET', `/api/agents/${agentId}/logs?limit=100`, as))
  const text = await readLog(key)
  say('its log names no folder of this machine', text.includes('[gateway]') && !text.includes(dataDir) && !text.includes(OPENCLAW_DIR))
  say('its log shows nothing that was said to a key that may not read conversations', !/berth 9|language model/.test(await readLog(reader)))
  if (process.exitCode) console.log(text)

  const other = await call(server, 'POST', '/api/agents/provision', key, { name: 'Porter', model: 'compatible/ill' })
  const { code } = await call(server, 'POST', '/api/chat', key, { agentId: other.agent.id, message: 'Is berth 9 taken?' })
  say(`a provider that answers 500 is a failure of the model (${code})`, code === 'MODEL_FAILED')
  say(`it was called once (${provider.offered.length})`, provider.offered.length === 1)
  const tools = provider.offered.flat()
  say(`the model may not change OpenClaw (${tools.join(', ')})`, tools.length > 0 && !tools.includes('gateway'))
} finally {
  await server?.stop()
  provider.close()
  await rm(dataDir, { recursive: true, force: true })
}

/** A provider of models that answers every call with 500. @returns `offered`: the names of the tools that came with each call. */
async function startIllProvider() {
  const offered: string[][] = []
  const listening = createServer(async (request, response) => {
    const isCall = request.url!.endsWith('/chat/completions')
    if (isCall) offered.push(toolsOf(await json(request)))
    const answer = isCall ? { error: { message: 'The provider is ill.' } } : { object: 'list', data: [{ id: 'ill', object: 'model' }] }
    response.writeHead(isCall ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/v1`, offered, close: () => listening.close() }
}

function toolsOf(body: unknown): string[] {
  const { tools = [] } = body as { tools?: { function: { name: string } }[] }
  return tools.map((tool) => tool.function.name)
}

function start(): Promise<ServerProcess> {
  const settings = {
    RUNTIME: 'process',
    OPENCLAW_DIR: OPENCLAW_DIR!,
    RUNTIME_START_SECONDS: '300',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
  }
  return startServerProcess(SERVER, settings)
}

async function check({ url }: ServerProcess, key: string, agentId: string, what: string): Promise<void> {
  const { reply, error } = await call({ url }, 'POST', '/api/chat', key, { agentId, message: 'Is berth 9 taken?' })
  say(`the agent ${what}: ${reply ?? error}`, typeof reply === 'string')
}

/** @returns a key that may do everything, and one that may read agents and no conversations. */
async function signUp({ url }: ServerProcess): Promise<{ key: string; reader: string }> {
  const credentials = { email: 'ada@example.org', password: 'correct horse battery' }
  const send = (path: string, body: object, cookie = '') =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(body) })
  await send('/api/register', credentials)
  const cookie = (await send('/api/auth/login', credentials)).headers.get('set-cookie')!.split(';')[0]!
  const makeKey = async (limits: object) =>
    ((await (await send('/api/keys', { name: 'test', ...limits }, cookie)).json()) as { key: string }).key
  return { key: await makeKey({}), reader: await makeKey({ scopes: ['agents:read'] }) }
}

async function call({ url }: Pick<ServerProcess, 'url'>, method: string, path: string, key: string, body?: object) {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  return response.json()
}

async function readIdentity(agentId: string): Promise<{ pid: number; start: string }> {
  return JSON.parse(await readFile(join(dataDir, 'agents', agentId, 'gateway.json'), 'utf8'))
}

function say(what: string, isSo: boolean): void {
  console.log(`${isSo ? 'ok  ' : 'FAIL'} ${what}`)
  if (!isSo) process.exitCode = 1
}
