import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecrets, isBox, type Secrets } from '../../../server/platform/core/index.ts'
import { MAIL } from '../../../server/integrations/mail/index.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { checkSecret } from '../../../server/platform/host/secret-check.ts'
import { rotateSecret } from '../../../server/platform/rotation/index.ts'
import { sealedColumns } from '../../../server/sealed-columns.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import { createOwner } from '../../contract/fixtures.ts'
import { addSecondFactor } from '../../helpers/totp.ts'
import type { TestServer } from '../../helpers/test-server.ts'

const OLD = 'a secret that only tests use, long enough'
const NEW = 'the secret that comes after it, long enough'
const nameOf = ({ table, column }: { table: string; column: string }) => `${table}.${column}`

let server: TestServer
beforeAll(async () => {
  server = await startContractServer()
  const owner = await createOwner(server)
  await addSecondFactor(server, await server.createAccount())
  await server.call('POST', '/api/keys', { cookie: owner.cookie, body: { name: 'kept' }, headers: { 'idempotency-key': 'kept' } })
  await server.call('POST', '/api/agents/provision', { key: owner.key, body: { name: 'Kept' }, headers: { 'idempotency-key': 'agent' } })
  await checkSecret(system(), OLD, [])
  await giveToken(owner.agentId)
  const payload = JSON.stringify({ sealed: server.platform.secrets.seal('{}', MAIL) })
  const mail = { id: newId('job'), accountId: owner.id, type: MAIL, status: 'failed', payload, maxAttempts: 3 }
  await system()
    .insertInto('jobs')
    .values({ ...mail, runAt: new Date().toISOString() })
    .execute()
})
afterAll(() => server.close())

const system = () => server.platform.databases.system
const maintenance = () => server.platform.databases.maintenance

/** What only agents outside of the server have. */
async function giveToken(id: string): Promise<void> {
  const { secrets } = server.platform
  const sealed = { sealedToken: secrets.seal('token', `gateway token ${id}`), sealedModelKey: secrets.seal('key', `model key ${id}`) }
  await system().updateTable('agents').set(sealed).where('id', '=', id).execute()
}

/** Every box in the database, by the table and the column it is in. */
async function findBoxes(): Promise<{ name: string; box: string }[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE' and data_type in ('text', 'jsonb', 'json', 'character varying')`.execute(
    system(),
  )
  const found: { name: string; box: string }[] = []
  for (const { table, column } of columns) {
    const { rows } = await sql<{ value: string }>`
      select ${sql.ref(column)}::text as value from ${sql.table(table)} where ${sql.ref(column)}::text ~ 'v1[.][0-9a-f]{8}[.]'`.execute(
      system(),
    )
    for (const { value } of rows)
      for (const [box] of value.matchAll(/v1\.[0-9a-f]{8}\.[\w.-]+/g)) if (isBox(box)) found.push({ name: `${table}.${column}`, box })
  }
  return found
}

const currentOf = async (secrets: Secrets) => (await findBoxes()).filter(({ box }) => !secrets.isCurrent(box)).map(({ name }) => name)

test('every column in which something is sealed is known', async () => {
  const known = sealedColumns.map(nameOf)
  const boxes = await findBoxes()
  expect([...new Set(boxes.map(({ name }) => name))].filter((name) => !known.includes(name))).toEqual([])
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and column_name like 'sealed%'`.execute(system())
  expect(
    rows.map(nameOf).filter((name) => !known.includes(name)),
    'by its name',
  ).toEqual([])
  // Otherwise the next test shows nothing of them.
  const filled = new Set(boxes.map(({ name }) => name))
  expect(known.filter((name) => !filled.has(name) && name !== 'agent_config_versions.config')).toEqual([])
})

test('what was sealed with the earlier secret is sealed with the new one, also when it was stopped half way', async () => {
  const secrets = createSecrets(NEW, [OLD])
  const before = (await findBoxes()).length
  await rotateSecret(maintenance(), secrets, sealedColumns.slice(0, 3))
  const done = await rotateSecret(maintenance(), secrets, sealedColumns)
  expect(done.map(({ unreadable }) => unreadable)).toEqual(done.map(() => 0))
  expect(await currentOf(secrets)).toEqual([])
  expect((await findBoxes()).length).toBe(before)
  const again = await rotateSecret(maintenance(), secrets, sealedColumns)
  expect(again.map(({ resealed }) => resealed)).toEqual(again.map(() => 0))
  // A server that knows the new secret alone starts, and reads everything.
  await checkSecret(system(), NEW, [])
  const back = await rotateSecret(maintenance(), createSecrets(OLD, [NEW]), sealedColumns)
  expect(back.map(({ unreadable }) => unreadable)).toEqual(back.map(() => 0))
})

test('what no known secret opens is left as it is, and told', async () => {
  const before = await findBoxes()
  const done = await rotateSecret(maintenance(), createSecrets(NEW, ['a secret that sealed nothing here at all']), sealedColumns)
  expect(done.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(before.length)
  expect(await findBoxes()).toEqual(before)
})
