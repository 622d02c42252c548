import { randomBytes } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { markEmailVerified } from '../../../server/identity/accounts/accounts.service.ts'
import { DatabaseReadOnly } from '../../../db/database-failures.ts'
import { createChainKey, queueTransfer } from '../../../server/money/transfers/index.ts'
import type { AccountId } from '../../../server/platform/core/index.ts'
import { issueOneTimeToken } from '../../../server/identity/auth/one-time-tokens.ts'
import { seedAccount, type Owner } from '../../contract/fixtures.ts'
import { dumpRows, tenantTables } from '../../contract/owner-rows.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'
import { startContractServer } from '../../contract/contract-server.ts'

let server: TestServer
let owner: Owner
let other: Owner
beforeAll(async () => {
  server = await startContractServer()
  const referrer = await server.createAccount()
  const { referralCode } = (await server.call('GET', '/api/settings', referrer)).body
  owner = await seedAccountWith(referralCode)
  other = await seedAccountWith(referralCode)
})
afterAll(() => server.close())

/** An owner with credits, a used idempotency key, a call of the gateway and a payment for one too, so that no table is empty. */
async function seedAccountWith(referralCode: string): Promise<Owner> {
  const account = await server.createAccount({ referralCode })
  await markEmailVerified(server.platform, account.email)
  await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'repeated' }, headers: { 'idempotency-key': 'once' } })
  const body = { plugin: 'generate-text', messages: [{ role: 'user', content: 'help' }] }
  await server.call('POST', '/api/v1/gateway', { cookie: account.cookie, body })
  await payOnChain(account.id)
  await orderTransfer(account.id as AccountId)
  await meetPeople(account.id)
  await sumHour(account.id)
  await deleteAgent(account)
  return seedAccount(server, account)
}

/** What is known of a person, and an invitation that is open. */
async function meetPeople(id: string): Promise<void> {
  const { system } = server.platform.databases
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  await system.insertInto('identities').values({ issuer: 'eip155', subject: id, userId: id, label: 'A wallet' }).execute()
  const invitation = { email: 'ada@example.org', role: 'member', tokenHash: `invited by ${id}`, expiresAt: tomorrow }
  await system
    .insertInto('invitations')
    .values({ ...invitation, id: `inv_${id}`, accountId: id })
    .execute()
  await system.insertInto('secondFactors').values({ userId: id, secret: 'sealed' }).execute()
  await system
    .insertInto('recoveryCodes')
    .values({ userId: id, codeHash: `hash of ${id}` })
    .execute()
  await issueOneTimeToken(system, { purpose: 'test', userId: id, seconds: 60 })
}

/** An agent that answered a message and is gone. */
async function deleteAgent({ key }: TestAccount): Promise<void> {
  const { agent } = (await server.call('POST', '/api/agents/provision', { key, body: { name: 'Gone', model: 'local/commands' } })).body
  await server.call('POST', '/api/chat', { key, body: { agentId: agent.id, message: 'help' } })
  await server.call('DELETE', `/api/agents/${agent.id}`, { key })
}

/** A payment as it is written down; this server is connected to no chain. */
async function payOnChain(accountId: string): Promise<void> {
  const [payment, payer] = [randomBytes(32).toString('hex'), randomBytes(20).toString('hex')]
  const about = { plugin: 'generate-text', amountMicroUsd: 10_000, chainId: 42431, state: 'claimed' }
  await server.platform.databases.system
    .insertInto('chainPayments')
    .values({ ...about, id: `pay_${payment}`, accountId, challengeId: payment, txHash: `0x${payment}`, payer: `0x${payer}` })
    .execute()
}

/** A transfer that is ordered; this server is connected to no chain. */
async function orderTransfer(accountId: AccountId): Promise<void> {
  const key = (await createChainKey(server.platform, { purpose: 'wallet', accountId }))!
  const order = { keyId: key.id, chainId: 1, to: `0x${'11'.repeat(20)}`, token: null, amount: 1n, ref: `test:${accountId}` } as const
  await queueTransfer(server.platform.databases.system, order)
}

/** The sums of an hour; those of the present one are written down only every few minutes. */
async function sumHour(accountId: string): Promise<void> {
  const sums = { messages: 2, turns: 1, errors: 0, responseCount: 1, responseMsSum: 5 }
  await server.platform.databases.system
    .insertInto('metricHours')
    .values({ ...sums, accountId, hour: '2026-01-01T00:00:00Z' })
    .execute()
}

/** Runs a check for every tenant table; a table is named in what fails. */
async function eachTable(check: (table: { table: string; column: string }) => Promise<void>): Promise<void> {
  const tables = await tenantTables(server)
  expect(tables.length).toBeGreaterThan(10)
  for (const table of tables) await check(table)
}

/** The connection of a person in their personal workspace. */
const viewOf = (id: string | null) => server.platform.databases.forAccount(id, { userId: id })

/** Tables the application's connections do not see at all. */
const hidden = ['chain_keys', 'one_time_tokens', 'passwords', 'recovery_codes', 'second_factors']

const countIn = async (accountId: string | null, table: string, column: string, of: string): Promise<{ all: number; theirs: number }> => {
  const { rows } = await sql<{ all: number; theirs: number }>`
    select count(*) as all, count(*) filter (where ${sql.ref(column)} = ${of}) as theirs from ${sql.table(table)}`.execute(
    viewOf(accountId),
  )
  return rows[0]!
}

/** Memberships an account sees that are neither in its workspace nor of its person. */
const strangeMemberships = (id: string) =>
  viewOf(id).selectFrom('memberships').where('accountId', '<>', id).where('userId', '<>', id).selectAll().execute()

describe('a connection for one account', () => {
  test('sees its own rows in every table, and no row of another account', async () => {
    await eachTable(async ({ table, column }) => {
      if (hidden.includes(table)) return
      expect((await countIn(owner.id, table, column, owner.id)).theirs, `own rows of ${table}`).toBeGreaterThan(0)
      const { all, theirs } = await countIn(other.id, table, column, owner.id)
      expect(theirs, `rows of another account in ${table}`).toBe(0)
      // A person also sees in which other workspaces they are.
      if (table === 'memberships') return expect(await strangeMemberships(other.id)).toEqual([])
      expect(all, `rows of ${table} that are not its own`).toBe((await countIn(other.id, table, column, other.id)).theirs)
    })
  })

  test('can insert no row that belongs to another account', async () => {
    const db = viewOf(other.id)
    await eachTable(async ({ table }) => {
      const columns = await insertableColumns(table)
      const copy = sql`insert into ${sql.table(table)} (${columns}) overriding system value select ${columns} from jsonb_populate_record(null::${sql.table(table)}, ${await rowOf(table)}::jsonb)`
      await expect(copy.execute(db), table).rejects.toThrow(/row-level security|permission denied/)
    })
  })

  test('can give no row of its own to another account', async () => {
    const db = viewOf(other.id)
    await eachTable(async ({ table, column }) => {
      const give = sql`update ${sql.table(table)} set ${sql.ref(column)} = ${owner.id}`
      await expect(give.execute(db), table).rejects.toThrow(/row-level security|permission denied/)
    })
  })

  test('changes and deletes no row of another account', async () => {
    const before = await dumpRows(server, owner.id)
    const db = viewOf(other.id)
    await eachTable(async ({ table, column }) => {
      for (const statement of [
        sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)} where ${sql.ref(column)} = ${owner.id}`,
        sql`delete from ${sql.table(table)} where ${sql.ref(column)} = ${owner.id}`,
      ]) {
        const changed = await statement.execute(db).catch((error: Error) => {
          expect(error.message).toMatch(/permission denied/)
          return { numAffectedRows: 0n }
        })
        expect(Number(changed.numAffectedRows), table).toBe(0)
      }
    })
    expect(await dumpRows(server, owner.id)).toBe(before)
    // Had it changed one, that would have been seen.
    await sql`update agents set updated_at = updated_at + interval '1 second' where account_id = ${owner.id}`.execute(
      server.platform.databases.system,
    )
    expect(await dumpRows(server, owner.id)).not.toBe(before)
  })

  test('cannot become another account by switching the security off', async () => {
    const db = viewOf(other.id)
    await expect(sql`alter table agents disable row level security`.execute(db)).rejects.toThrow(/must be owner/)
    await expect(sql`select * from ledger_entries`.execute(db)).rejects.toThrow(/permission denied/)
  })
})

test('a connection for nobody sees nothing', async () => {
  await eachTable(async ({ table, column }) => {
    if (hidden.includes(table)) return
    expect((await countIn(null, table, column, owner.id)).all, table).toBe(0)
  })
})

test.each(hidden)('the table %s is hidden from every connection but those of the system', async (table) => {
  await expect(sql`select from ${sql.table(table)}`.execute(viewOf(owner.id))).rejects.toThrow(/permission denied/)
})

describe('a connection of who may only look', () => {
  test('reads, and writes nothing', async () => {
    const db = server.platform.databases.forAccount(owner.id, { userId: other.id, isReadOnly: true })
    expect(await db.selectFrom('agents').select('id').execute()).not.toEqual([])
    await expect(db.deleteFrom('agents').execute()).rejects.toThrow(DatabaseReadOnly)
    await expect(db.transaction().execute((trx) => trx.deleteFrom('agents').execute())).rejects.toThrow(DatabaseReadOnly)
    const { system } = server.platform.databases
    await system.updateTable('agents').set({ name: 'Renamed' }).where('accountId', '=', owner.id).execute()
    await viewOf(owner.id).updateTable('agents').set({ name: 'Renamed again' }).execute()
  })

  test('sees the people of the workspace, and nobody else', async () => {
    const people = await server.platform.databases.forAccount(owner.id, { userId: other.id }).selectFrom('users').select('id').execute()
    expect(people.map(({ id }) => id).sort()).toEqual([owner.id, other.id].sort())
  })
})

test('every table with rows of accounts is under row-level security', async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace`.execute(
    server.platform.databases.system,
  )
  const secured = rows.map(({ name }) => name)
  await eachTable(async ({ table }) => expect(secured).toContain(table))
})

/** All but those that are computed from others. */
async function insertableColumns(table: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`.execute(server.platform.databases.system)
  return sql.join(rows.map(({ name }) => sql.ref(name)))
}

/** A row of the owner, under a new id where it has one. */
async function rowOf(table: string): Promise<string> {
  const { column } = (await tenantTables(server)).find((one) => one.table === table)!
  const { rows } = await sql<{ row: Record<string, unknown> }>`
    select to_jsonb(t) as row from ${sql.table(table)} t where ${sql.ref(column)} = ${owner.id} limit 1`.execute(
    server.platform.databases.system,
  )
  const { row } = rows[0]!
  return JSON.stringify(table === 'accounts' || table === 'users' || row.id === undefined ? row : { ...row, id: `new-${table}` })
}
