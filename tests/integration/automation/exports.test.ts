import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { exportedTables, tablesLeftOut } from '../../../server/automation/exports/exported-tables.rules.ts'
import { forgetOldExports } from '../../../server/automation/exports/exports.service.ts'
import { removeDueBytes } from '../../../server/agents/files/index.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import type { TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let owner: Owner
let stranger: Owner
beforeAll(async () => {
  server = await startContractServer()
  owner = await createOwner(server)
  stranger = await createOwner(server)
  await server.platform.databases.system.deleteFrom('workspaceExports').execute()
})
afterAll(() => server.close())

const BASE = '/api/workspaces/exports'
const begin = ({ cookie } = owner) => server.call('POST', BASE, { cookie, body: {} })
const look = (id: string, { cookie } = owner) => server.call('GET', `${BASE}/${id}`, { cookie })

async function finished(id: string, who = owner) {
  return vi.waitFor(
    async () => {
      const { body } = await look(id, who)
      expect(body.status).not.toBe('preparing')
      return body
    },
    { timeout: 20_000, interval: 50 },
  )
}

async function download(url: string, { cookie } = owner): Promise<Buffer> {
  const answer = await fetch(server.url + url, { headers: { cookie } })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="agentbot-\d{4}-\d\d-\d\d\.tar\.gz"$/)
  return Buffer.from(await answer.arrayBuffer())
}

/** The files of an archive as tar unpacks them. */
async function unpack(archive: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-export-'))
  await writeFile(join(folder, 'a.tar.gz'), archive)
  const { status, stdout } = spawnSync('tar', ['-xvzf', 'a.tar.gz'], { cwd: folder })
  expect(status).toBe(0)
  const names = stdout.toString().trim().split('\n')
  const files = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])))
  await rm(folder, { recursive: true })
  return files as Record<string, string>
}

const rowsIn = (text: string | undefined) =>
  (text ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('an archive has what the workspace has, no secret, and nothing of anybody else', async () => {
  const { status, body } = await begin()
  expect(status).toBe(202)
  expect(body).toMatchObject({ status: 'preparing', url: null })
  const ready = await finished(body.id)
  expect(ready).toMatchObject({ status: 'ready', error: null, url: `${BASE}/${body.id}/archive` })
  const archive = await download(ready.url)
  expect(archive.byteLength).toBe(ready.size)
  const files = await unpack(archive)
  const whole = Object.entries(files).flat().join('\n')

  for (const name of [
    'agents',
    'messages',
    'agent_memories',
    'api_keys',
    'files',
    'schedules',
    'payment_vouchers',
    'ledger_entries',
    'users',
  ])
    expect(rowsIn(files[`data/${name}.jsonl`]).length, name).toBeGreaterThan(0)
  expect(rowsIn(files['data/messages.jsonl']).map(({ content }) => content)).toContainEqual(expect.stringContaining(owner.marker))
  expect(rowsIn(files['data/memberships.jsonl'])).toMatchObject([{ user_id: owner.id, role: 'owner', email: owner.email }])
  expect(files[`files/${owner.fileId}/${owner.marker}.txt`]).toBe(`Berths of ${owner.marker}.`)
  const manifest = JSON.parse(files['manifest.json']!)
  expect(manifest).toMatchObject({ format: 'agentbot-export', version: 1, files: 1, missing: [], workspace: { id: owner.id } })
  expect(manifest.rows.messages).toBe(rowsIn(files['data/messages.jsonl']).length)

  for (const secret of [...owner.secrets, owner.key, owner.password, owner.cookie.split('=')[1]!]) expect(whole).not.toContain(secret)
  expect(whole).not.toMatch(/sealed|(?<!tx)_hash"|\$argon2/)
  expect(whole).not.toContain(stranger.marker)
  expect(whole).not.toContain(stranger.id)
})

test('only one is made at a time, and three a day', async () => {
  const who = stranger
  const [first, second] = await Promise.all([begin(who), begin(who)])
  expect([first.status, second.status].toSorted()).toEqual([202, 409])
  const { id } = [first, second].find(({ status }) => status === 202)!.body
  await finished(id, who)
  for (let count = 2; count <= 3; count++) await finished((await begin(who)).body.id, who)
  const fourth = await begin(who)
  expect(fourth).toMatchObject({ status: 429, body: { code: 'EXPORT_LIMIT_REACHED', limit: 3 } })
  expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(3600)
})

test('an archive is for its owner, and for a day', async () => {
  const { exports } = (await server.call('GET', BASE, { cookie: owner.cookie })).body
  const { id, url } = exports[0]
  for (const caller of [{ cookie: stranger.cookie }, { key: owner.key }, {}]) {
    const answer = await server.call('GET', url, caller)
    expect([401, 404]).toContain(answer.status)
  }
  const { system } = server.platform.databases
  await system
    .updateTable('workspaceExports')
    .set({ expiresAt: new Date(0).toISOString() })
    .where('id', '=', id)
    .execute()
  expect(await server.call('GET', url, { cookie: owner.cookie })).toMatchObject({ status: 404, body: { code: 'EXPORT_NOT_FOUND' } })
  await forgetOldExports(server.platform)
  expect((await look(id)).status).toBe(404)
  await removeDueBytes(server.platform)
  expect(await system.selectFrom('fileRemovals').selectAll().execute()).toEqual([])
})

test('an export whose job is no more is said to have failed', async () => {
  const { system } = server.platform.databases
  await system.insertInto('workspaceExports').values({ id: 'exp_lost', accountId: owner.id }).execute()
  await forgetOldExports(server.platform)
  expect((await look('exp_lost')).body).toMatchObject({ status: 'failed', error: expect.stringContaining('stopped'), url: null })
})

test('a session that was left open cannot export', async () => {
  const { system } = server.platform.databases
  await system
    .updateTable('sessions')
    .set({ authenticatedAt: new Date(Date.now() - 16 * 60_000).toISOString() })
    .where('userId', '=', owner.id)
    .execute()
  expect(await begin()).toMatchObject({ status: 403, body: { code: 'REAUTH_REQUIRED' } })
})

test('every table is exported, or is named with the reason why it is not', async () => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'kysely%'`.execute(server.platform.databases.system)
  const known = [...Object.keys(exportedTables), ...Object.keys(tablesLeftOut)]
  expect(rows.map(({ name }) => name).toSorted(), 'server/automation/exports/exported-tables.rules.ts').toEqual(known.toSorted())
})

test('no column that is secret by its name is exported', async () => {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns where table_schema = 'public'
      and column_name ~ '(hash|sealed|secret|token|signature|raw_transaction|storage_key|(^|_)lease)'
      and column_name not in ('tokens', 'input_tokens', 'output_tokens', 'first_token_ms', 'second_factor', 'tx_hash')`.execute(
    server.platform.databases.system,
  )
  for (const { table, column } of rows) if (table in exportedTables) expect(exportedTables[table]!.without ?? [], table).toContain(column)
})
