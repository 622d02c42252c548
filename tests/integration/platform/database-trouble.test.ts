import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatabaseUnreachable } from '../../../db/database-failures.ts'
import { describeFailure } from '../../../server/platform/core/log.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { operations } from '../../../server/operations.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
  agentId = (await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Keeper' } })).body.id
})
afterAll(() => server.close())

/** Has the database refuse to store memories with an error of its own. */
async function refuseMemories(code: string): Promise<void> {
  await sql`
    create or replace function refuse_memory() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file "base/5/1249"' using errcode = ${sql.lit(code)}, detail = new.value::text; end $$`.execute(
    server.platform.databases.system,
  )
  await sql`create or replace trigger refuse_memory before insert on agent_memories for each row execute function refuse_memory()`.execute(
    server.platform.databases.system,
  )
}

const endRefusing = () => sql`drop trigger if exists refuse_memory on agent_memories`.execute(server.platform.databases.system)

const store = (value: string) => server.call('POST', '/api/memory', { key: account.key, body: { agentId, key: 'note', memory: value } })

test.each([
  ['53100', 'DISK_FULL', 'The disk of the server is full. Nothing was stored.'],
  ['57P01', 'DATABASE_UNAVAILABLE', 'The database does not answer. Try again shortly.'],
  ['57014', 'DATABASE_UNAVAILABLE', 'The database does not answer. Try again shortly.'],
])('what the database has to answer for (%s) is 503 with Retry-After through every transport', async (state, code, message) => {
  await refuseMemories(state)
  const answer = await store('hunter2')
  expect(answer).toMatchObject({ status: 503, body: { code, error: message, retryAfterSeconds: 5 } })
  expect(answer.headers.get('retry-after')).toBe('5')
  const input = { agentId, values: { note: 'hunter2' } }
  const refused = { status: 503, code, details: { retryAfterSeconds: 5 } }
  expect(await callTrpc(server, operations.memory.store, input, account)).toMatchObject(refused)
  expect(await callGraphql(server, operations.memory.store, input, account)).toMatchObject(refused)
  await endRefusing()
  expect((await store('kept')).status).toBe(200)
})

test('probes are answered whoever sends them, also when credentials cannot be looked up', async () => {
  const { system } = server.platform.databases
  await sql`alter table sessions rename to sessions_away`.execute(system)
  try {
    const cookie = 'agentbot-session=of-somebody'
    expect((await server.call('GET', '/api/keys', { cookie })).status).toBe(500)
    for (const path of ['/health', '/api/health', '/ready']) expect((await server.call('GET', path, { cookie })).status, path).toBe(200)
  } finally {
    await sql`alter table sessions_away rename to sessions`.execute(system)
  }
})

test.each([
  ['a value of the wrong kind', () => sql`select ${'hunter2'}::text::int`],
  ['a row twice', () => sql`insert into accounts select * from accounts where id = ${account.id} and ${'hunter2'} <> ''`],
  ['a constraint', () => sql`update accounts set plan = 'hunter2' where id = ${account.id} and ${'hunter2'} <> ''`],
  ['a table that is not there', () => sql`select * from nothing where secret = ${'hunter2'}`],
])('an error of the database about %s carries nothing of what was sent', async (_, query) => {
  const error = await query()
    .execute(server.platform.databases.system)
    .catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(Error)
  const everything = JSON.stringify([error, describeFailure(error), pino.stdSerializers.err(error as Error), (error as Error).stack])
  expect(everything).not.toContain('hunter2')
})

test.runIf(process.env.TEST_DATABASE_URL)('connections that are cut, in use or idle, cost the calls on them and nothing else', async () => {
  const { databases } = server.platform
  const cutAll = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  const waiting = sql`select pg_sleep(4)`.execute(databases.forAccount(null)).catch((error: unknown) => error)
  const inTransaction = databases.system
    .transaction()
    .execute((db) => sql`select pg_sleep(4)`.execute(db))
    .catch((error: unknown) => error)
  await expect
    .poll(
      async () =>
        (await sql`select 1 from pg_stat_activity where query like 'select pg_sleep%'`.execute(databases.maintenance)).rows.length,
    )
    .toBe(2)
  await cutAll.execute(databases.maintenance)
  expect(await waiting).toBeInstanceOf(DatabaseUnreachable)
  expect(await inTransaction).toBeInstanceOf(DatabaseUnreachable)
  // A call that takes a connection before its end is noticed is refused; the next one gets a new connection.
  await expect.poll(async () => (await store('again')).status).toBe(200)

  // What is told while nobody listens would be missed, so it listens again by itself.
  const listeners = sql`select 1 from pg_stat_activity where application_name = 'agentbot-listener' and datname = current_database()`
  await expect.poll(async () => (await listeners.execute(databases.system)).rows.length, { timeout: 10_000 }).toBe(1)
})
