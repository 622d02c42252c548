import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startContractServer } from '../../contract/contract-server.ts'
import { inputFor } from '../../contract/examples.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { everyTransport, type Outcome } from '../../contract/transports.ts'
import { findMark, MARK, withMark } from '../../helpers/marked-secret.ts'
import type { TestServer } from '../../helpers/test-server.ts'

// A secret goes wherever callers put secrets: it is never written down, and never said again.

const METRICS_TOKEN = 'a-token-that-only-tests-use'

/** What takes away what others are called for comes last. */
const ENDS = /delete|remove|leave|revoke|signOut/i
const all = await everyTransport()
const transports = [...all.filter(({ name }) => !ENDS.test(name)), ...all.filter(({ name }) => ENDS.test(name))]
const log: string[] = []
const refusals: { name: string; text: string }[] = []
const taken = new Set<string>()
let server: TestServer
/** Calls with the mark; it loses what it has. */
let owner: Owner
beforeAll(async () => {
  server = await startContractServer({ LOG_LEVEL: 'trace', METRICS_TOKEN }, { logTo: { write: (line) => void log.push(line) } })
  owner = await createOwner(server)
})
afterAll(() => server.close())

const keep = (name: string, { status, text }: Outcome) => {
  if (status >= 400) refusals.push({ name, text })
  else taken.add(name)
}

const MINUTES = 60_000

test(
  'it is sent as every secret of every operation',
  async () => {
    let checked = 0
    for (const { operation, name, transport } of transports) {
      const caller = operation.name === 'keys.validateBearer' ? { key: owner.key } : { cookie: owner.cookie }
      const input = withMark(operation, inputFor(operation, owner))
      keep(operation.name, await transport.call(server, input, caller))
      expect(log.slice(checked).join(''), `the log after ${name}`).not.toContain(MARK)
      checked = log.length
    }
    expect([...taken]).toEqual(expect.arrayContaining(['ai.setProviderKey', 'agents.setCredential', 'agents.updateConfig']))
  },
  3 * MINUTES,
)

test(
  'it is sent where a secret of another form is expected',
  async () => {
    for (const { operation, transport } of transports)
      for (const mark of [[MARK], MARK.repeat(1_100)])
        keep(operation.name, await transport.call(server, withMark(operation, inputFor(operation, owner), mark), { cookie: owner.cookie }))
  },
  3 * MINUTES,
)

test(
  'it is sent as every credential',
  async () => {
    const credentials: Record<string, string>[] = [
      { authorization: `Bearer sk_${MARK}` },
      { authorization: `Basic ${Buffer.from(`clerk:${MARK}`).toString('base64')}` },
      { authorization: `Payment ${MARK}` },
      { cookie: `agentbot-session=${MARK}; __Host-agentbot-session=${MARK}` },
      { 'x-api-key': MARK, 'x-gateway-token': MARK, 'x-auth-token': MARK },
    ]
    for (const { operation, transport } of transports)
      for (const headers of credentials) keep(operation.name, await transport.call(server, inputFor(operation, owner), { headers }))
  },
  3 * MINUTES,
)

test('it is sent in addresses', async () => {
  const query = `token=${MARK}&api_key=${MARK}&password=${MARK}&state=${MARK}&code=${MARK}`
  const paths = ['/api/agents', '/api/nothing', '/trpc/accounts.session', '/graphql', '/nothing', '/v1/models', '/health', '/metrics']
  for (const path of paths)
    for (const caller of [{}, { cookie: owner.cookie }])
      for (const method of ['GET', 'POST']) {
        const { status, body } = await server.call(method, `${path}?${query}`, { ...caller, ...(method === 'POST' ? { body: '{' } : {}) })
        if (status >= 400) refusals.push({ name: path, text: JSON.stringify(body) })
      }
})

test('no refusal says it again', () => {
  expect(refusals.length).toBeGreaterThan(transports.length)
  expect(refusals.flatMap(({ name, text }) => (findMark(text) ? [`${name}: ${findMark(text)}`] : [])).slice(0, 10)).toEqual([])
})

test('no line of the log has it, nor what the owner proves to be the owner with', () => {
  expect(log.length).toBeGreaterThan(transports.length)
  const text = log.join('')
  expect(findMark(text)).toBeUndefined()
  for (const secret of [owner.key, owner.password, owner.cookie.split('=')[1]!, ...owner.secrets]) expect(text).not.toContain(secret)
})

test('no row of any table has it', async () => {
  const { system } = server.platform.databases
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(system)
  expect(tables.length).toBeGreaterThan(20)
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.table(name)} t`.execute(system)
    const text = rows.map(({ row }) => row).join('\n')
    expect(findMark(text), name).toBeUndefined()
    for (const secret of [owner.key, owner.password, owner.cookie.split('=')[1]!, ...owner.secrets])
      expect(text, name).not.toContain(secret)
  }
})

test('neither metrics nor files have it', async () => {
  const { status, body } = await server.call('GET', '/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  expect(status).toBe(200)
  expect(findMark(body as string)).toBeUndefined()
  const files = await readdir(server.platform.env.DATA_DIR, { recursive: true, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile()))
    expect(findMark(await readFile(join(file.parentPath, file.name), 'latin1')), file.name).toBeUndefined()
})
