import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/**
 * A program that can stand in for OpenClaw's gateway in a container: the same command line, environment,
 * configuration file, port and HTTP answers, and it refuses what that refuses: a second gateway on the same
 * state (78), a key of the configuration it does not know, an environment that lacks or shows too much. As that
 * does, it renames itself, so that its command line cannot be seen from outside, and writes down what it is doing.
 * It says a message back word by word, and obeys a few of them:
 *
 * - `How often?` says how many messages of this session it remembers, from its state folder.
 * - `Ask the model.` passes the question on to its model provider and answers what that said.
 * - `Eat memory.` takes more and more memory until it is killed.
 * - `Read <path>` answers with a file of its workspace.
 */
const { positionals, values } = parseArgs({ options: { bind: { type: 'string' }, port: { type: 'string' } }, allowPositionals: true })
const required = (name: string): string => process.env[name] ?? fail(`${name} is not set`)
const stateDir = required('OPENCLAW_STATE_DIR')
const token = required('OPENCLAW_GATEWAY_TOKEN')
const config = JSON.parse(readFileSync(required('OPENCLAW_CONFIG_PATH'), 'utf8'))
checkEnvironment()
checkKeys(config)
process.title = 'openclaw'
if (positionals.join(' ') !== 'gateway run') fail(`unknown command: ${positionals.join(' ')}`)
if (config.gateway?.auth?.mode !== 'token' || !config.gateway.http.endpoints.chatCompletions.enabled) fail('the configuration is invalid')

function fail(reason: string): never {
  process.stderr.write(`Error: ${reason}\n`)
  process.exit(1)
}

function checkEnvironment(): void {
  for (const name of ['HOME', 'OPENCLAW_HOME']) required(name)
  for (const name of ['DISABLE_BONJOUR', 'NO_RESPAWN', 'SKIP_CHANNELS', 'OFFLINE', 'NO_AUTO_UPDATE'])
    if (required(`OPENCLAW_${name}`) !== '1') fail(`OPENCLAW_${name} is not 1`)
  for (const name of ['APP_SECRET', 'DATABASE_URL', 'NODE_COMPILE_CACHE', 'OPENAI_API_KEY'])
    if (process.env[name] !== undefined) fail(`${name} is set`)
}

function checkKeys(given: object): void {
  const known = 'gateway logging update telemetry plugins browser cron discovery tools models agents'.split(' ')
  for (const key of Object.keys(given)) if (!known.includes(key)) fail(`Unrecognized key in the configuration: "${key}"`)
}

/** One gateway works on a state folder; a lock whose holder is gone is taken over. */
function lockState(): void {
  const lock = join(stateDir, 'gateway.lock')
  const [holder, born] = existsSync(lock) ? readFileSync(lock, 'utf8').split(' ') : []
  if (holder !== undefined && Number(holder) !== process.pid && birthOf(holder) === born) {
    process.stderr.write('Error: another gateway works on this state\n')
    process.exit(78)
  }
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(lock, `${process.pid} ${birthOf(process.pid)}`)
}

/** When a process started; undefined when there is none. In a container numbers come back soon, so a number alone says little. */
function birthOf(pid: number | string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]
  } catch {
    return undefined
  }
}

lockState()
const READY_AFTER_MS = 100
const startedAt = performance.now()
const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy())
})
server.listen(Number(values.port), values.bind === 'lan' ? '0.0.0.0' : '127.0.0.1', () => {
  process.stdout.write(`[gateway] listening on ${values.port} for token ${token}\n`)
  process.stderr.write('(node:1) Warning: this gateway is a stand-in\n')
})
process.once('SIGTERM', () => process.exit(0))

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/healthz') return send(response, 200, { ok: true, status: 'live' })
  if (request.url === '/readyz') {
    const ready = performance.now() - startedAt > READY_AFTER_MS
    return send(response, ready ? 200 : 503, { ready, failing: ready ? [] : ['startup'] })
  }
  if (request.url !== '/v1/chat/completions') return send(response, 404, { error: { message: 'Not found' } })
  if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: { message: 'Unauthorized' } })
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { model, stream, user, messages } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (model !== 'openclaw' || !stream || messages.length !== 1) return send(response, 400, { error: { message: 'Bad request' } })
  const text = await answer(user, messages[0].content)
  process.stdout.write(`[agent] answered "${text}", kept in ${stateDir}/agents/main\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const content of text.split(/(?<= )/)) {
    if (response.destroyed) return
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`)
    await pause(20)
  }
  response.end('data: [DONE]\n\n')
}

async function answer(session: string, message: string): Promise<string> {
  const count = remember(session, message)
  if (message === 'How often?') return `${count} times`
  if (message === 'Ask the model.') return askModel()
  if (message === 'Eat memory.') return eatMemory()
  if (message.startsWith('Read ')) return readWorkspace(message.slice('Read '.length))
  return `You said: ${message}`
}

function remember(session: string, message: string): number {
  const file = join(stateDir, 'agents/main/sessions', `${session}.json`)
  const messages: string[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  messages.push(message)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(messages))
  return messages.length
}

function readWorkspace(path: string): string {
  const file = join(config.agents.defaults.workspace, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : 'nothing'
}

async function askModel(): Promise<string> {
  const { baseUrl, apiKey, models } = config.models.providers.platform
  const answer = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: models[0].id, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  const body = (await answer.json()) as { choices: { message: { content: string } }[] }
  return body.choices[0]!.message.content
}

function eatMemory(): never {
  const eaten: Buffer[] = []
  for (;;) eaten.push(Buffer.alloc(64 * 1024 * 1024, 1))
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
