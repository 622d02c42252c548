import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'

// It starts a server of its own, as an operator does.
vi.setConfig({ testTimeout: 60_000 })

/** The example of `docs/gateway.md`. */
const tide = `
import type { CustomPlugin } from '../../../server/api/gateway/plugins/plugin.ts'

const plugin: CustomPlugin = ({ definePlugin, z, AppError }) => definePlugin({
  id: 'tide',
  description: 'Says how high the water is.',
  priceMicroUsd: 2_500,
  input: z.object({ harbour: z.string().min(1), days: z.array(z.string()).optional() }),
  async run(_ctx, { harbour }) {
    if (harbour === 'nowhere') throw new AppError('not_found', 'NO_HARBOUR', 'There is no such harbour.')
    return { message: harbour + ': 2.4 m', data: { metres: 2.4 } }
  },
  async *stream(_ctx, { harbour }) {
    yield harbour
    yield ': 2.4 m'
    return { message: harbour + ': 2.4 m' }
  },
})
export default plugin
`

const plugins = {
  'tide.ts': tide,
  'clock.js': `export default {
    id: 'clock', description: 'Says something.', priceMicroUsd: 1, requiresSignIn: true,
    input: { safeParse: (data) => ({ success: true, data }) },
    run: async () => ({ message: 'noon' }),
  }`,
  'careless.mjs': `export default {
    id: 'careless', description: 'Forgets its message.', priceMicroUsd: 1,
    input: { safeParse: (data) => ({ success: true, data }) },
    run: async () => ({ data: {} }),
  }`,
  'broken.ts': 'export default {',
  'priceless.js': `export default { id: 'priceless', description: 'No price.', input: {}, run: async () => ({ message: '' }) }`,
  'agent.js': `export default {
    id: 'agent', description: 'Not the first.', priceMicroUsd: 1,
    input: { safeParse: (data) => ({ success: true, data }) },
    run: async () => ({ message: '' }),
  }`,
  'notes.txt': 'not a plugin',
}

let dataDir: string
let server: ServerProcess
let key: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  await mkdir(join(dataDir, 'plugins'))
  for (const [name, source] of Object.entries(plugins)) await writeFile(join(dataDir, 'plugins', name), source)
  server = await startServerProcess(SERVER, { DATA_DIR: dataDir, LOG_LEVEL: 'info' })
  const credentials = { email: 'ada@example.org', password: 'correct horse' }
  await post('/api/register', credentials)
  const cookie = (await post('/api/auth/login', credentials)).headers.get('set-cookie')!.split(';')[0]!
  key = (await (await post('/api/keys', { name: 'test' }, { cookie })).json()).key
})
afterAll(async () => {
  await server.stop('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

async function call(body: unknown, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
  const response = await post('/api/v1/gateway', body, headers)
  return { status: response.status, body: await response.json() }
}

test("an operator's plugins are listed after those of the server, with their prices", async () => {
  const { plugins: listed } = await (await fetch(`${server.url}/api/v1/gateway`)).json()
  expect(listed.map(({ id }: { id: string }) => id)).toEqual(['agent', 'generate-text', 'tts', 'stt', 'careless', 'clock', 'tide'])
  expect(listed.at(-1)).toEqual({
    id: 'tide',
    description: 'Says how high the water is.',
    priceUsd: '0.0025',
    auth: false,
    streaming: true,
  })
})

test('they are called and paid like the others, with fields of their own', async () => {
  expect(await call({ plugin: 'tide', harbour: 'Leith' })).toMatchObject({
    status: 200,
    body: { plugin: 'tide', message: 'Leith: 2.4 m', data: { metres: 2.4 }, payment: { method: 'stripe', receipt: null } },
  })
  expect(await call({ plugin: 'tide', harbour: 'Leith' }, {})).toMatchObject({ status: 402, body: { stripe: { amount: '0.0025' } } })
  expect(await call({ plugin: 'tide', days: [1] })).toMatchObject({
    status: 400,
    body: { error: 'invalid_input', fields: [{ field: 'harbour' }, { field: 'days.0' }] },
  })
  expect(await call({ plugin: 'tide', harbour: 'nowhere' })).toMatchObject({
    status: 404,
    body: { error: 'not_found', code: 'NO_HARBOUR', message: 'There is no such harbour.' },
  })
  const stream = await post(
    '/api/v1/gateway',
    { plugin: 'tide', harbour: 'Leith' },
    { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
  )
  expect(await stream.text()).toMatch(
    /^data: \{"text":"Leith"\}\n\ndata: \{"text":": 2\.4 m"\}\n\ndata: \{"plugin":"tide".*\n\ndata: \[DONE\]\n\n$/,
  )
})

test('one that asks for sign-in is not for people who are not signed in', async () => {
  expect(await call({ plugin: 'clock' }, {})).toMatchObject({ status: 401, body: { error: 'Unauthorized' } })
  expect(await call({ plugin: 'clock' }, { 'x-payment-method': 'mpp' })).toMatchObject({ status: 402, body: { error: 'payment_required' } })
  expect(await call({ plugin: 'clock' })).toMatchObject({ status: 200, body: { message: 'noon' } })
})

test('what one answers is checked before anything is paid', async () => {
  expect(await call({ plugin: 'careless' })).toEqual({
    status: 500,
    body: { error: 'internal', code: 'INTERNAL_ERROR', message: 'Something broke on our side.' },
  })
})

test('one that cannot be loaded is named in the log with the reason, and the server runs without it', () => {
  const lines = server.output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  const reasons = new Map(lines.filter(({ reason }) => reason).map(({ file, reason }) => [file, reason]))
  expect([...reasons.keys()]).toEqual(['agent.js', 'broken.ts', 'priceless.js'])
  expect(reasons.get('agent.js')).toContain('there is a plugin "agent" already')
  expect(reasons.get('priceless.js')).toMatch(/priceMicroUsd: .*; input: expected a Zod schema/)
  expect(reasons.get('broken.ts')).toContain('SyntaxError')
})
