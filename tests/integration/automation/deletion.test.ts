import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eraseDue, erasedTables, keptTables } from '../../../server/automation/deletion/index.ts'
import { forgetKeysOf } from '../../../server/identity/auth/key-cache.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import { createOwner, storeTeam, type Owner } from '../../contract/fixtures.ts'
import { dumpRows } from '../../contract/owner-rows.ts'
import { mailsTo } from '../../helpers/outbox.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'

let server: TestServer
/** Each for the one test that deletes it. */
let returning: Owner
let erased: Owner
beforeAll(async () => {
  server = await startContractServer()
  returning = await createOwnerAlone()
  erased = await createOwnerAlone()
})
afterAll(() => server.close())

/** An owner whose team has another owner: it need not be handed over. */
async function createOwnerAlone(): Promise<Owner> {
  const owner = await createOwner(server)
  await system().updateTable('memberships').set({ role: 'owner' }).where('accountId', '=', owner.workspaceId).execute()
  return owner
}

const DAY_MS = 86_400_000
const system = () => server.platform.databases.system
const signedIn = async ({ cookie }: TestAccount) => (await server.call('GET', '/api/auth/session', { cookie })).body.user !== null
const deleteUser = ({ cookie }: TestAccount) => server.call('DELETE', '/api/user', { cookie, body: { confirm: true } })
const restoreUser = (token: string) => server.call('POST', '/api/user/restore', { body: { token } })
const signIn = ({ email, password }: TestAccount) => server.call('POST', '/api/auth/login', { body: { email, password } })

/** As if so many days had passed since everything was deleted that is. */
async function daysPass(days: number): Promise<void> {
  const ago = sql<string>`deleted_at - make_interval(days => ${days})`
  await system().updateTable('accounts').set({ deletedAt: ago }).where('deletedAt', 'is not', null).where('erasedAt', 'is', null).execute()
  await system().updateTable('users').set({ deletedAt: ago }).where('deletedAt', 'is not', null).execute()
}

async function addMember(accountId: string, userId: string, role: string): Promise<void> {
  await system().insertInto('memberships').values({ accountId, userId, role }).execute()
}

describe('a person who deletes their account', () => {
  test('is signed out everywhere, their keys and agents stop, and they can take it back with everything', async () => {
    const owner = returning
    const before = await server.call('GET', '/api/agents', { key: owner.key })
    const { status, body } = await deleteUser(owner)
    expect(status).toBe(200)
    expect(Math.round((Date.parse(body.erasedAt) - Date.now()) / DAY_MS)).toBe(7)
    expect(await signedIn(owner)).toBe(false)
    expect((await server.call('GET', '/api/agents', { key: owner.key })).status).toBe(401)
    expect(await signIn(owner)).toMatchObject({ status: 403, body: { code: 'ACCOUNT_DELETED' } })
    await vi.waitFor(
      async () => {
        const agents = await system().selectFrom('agents').where('accountId', '=', owner.id).select('status').execute()
        expect(agents.map(({ status }) => status)).toEqual(['stopped'])
      },
      { timeout: 5000 },
    )
    await daysPass(6)
    await eraseDue(server.platform)
    expect((await restoreUser(body.restoreToken)).status).toBe(200)
    expect((await signIn(owner)).status).toBe(200)
    forgetKeysOf(server.platform, owner.id)
    const after = await server.call('GET', '/api/agents', { key: owner.key })
    expect(after.body.agents.map(({ id }: { id: string }) => id)).toEqual(before.body.agents.map(({ id }: { id: string }) => id))
    expect(await restoreUser(body.restoreToken)).toMatchObject({ status: 404, body: { code: 'NOTHING_TO_RESTORE' } })
  })

  test('gets a mail that says how to take it back', async () => {
    const account = await server.createAccount()
    const { body } = await deleteUser(account)
    const aboutThat = async () => (await mailsTo(server, account.email)).find(({ subject }) => subject === 'Your account was deleted')
    await vi.waitFor(async () => expect((await aboutThat())?.text).toContain(`/restore#${body.restoreToken}`), { timeout: 15_000 })
  })

  test('is erased after seven days: nothing says who they were, and the books stay', async () => {
    const owner = erased
    const { restoreToken } = (await deleteUser(owner)).body
    const entries = async () =>
      (
        await sql<{ sum: string; count: string }>`
          select count(*)::text as count, sum(abs(amount))::text as sum from ledger_entries
          where book_id in (select id from ledger_books where account_id = ${owner.id})`.execute(system())
      ).rows[0]
    const booked = await entries()
    expect(Number(booked!.count)).toBeGreaterThan(0)
    const { storageKey } = await system()
      .selectFrom('files')
      .where('accountId', '=', owner.id)
      .select('storageKey')
      .executeTakeFirstOrThrow()
    await daysPass(8)
    expect((await restoreUser(restoreToken)).status).toBe(404)
    await eraseDue(server.platform)
    expect(await entries()).toEqual(booked)
    const left = JSON.parse(await dumpRows(server, owner.id)) as { table: string }[]
    for (const { table } of left) expect(Object.keys(keptTables), table).toContain(table)
    const withoutAudit = JSON.stringify(left.filter(({ table }) => !table.startsWith('audit_')))
    for (const secret of [owner.email, owner.marker, owner.key, ...owner.secrets]) expect(withoutAudit).not.toContain(secret)
    expect(await system().selectFrom('users').where('id', '=', owner.id).select('id').execute()).toEqual([])
    expect(await system().selectFrom('passkeys').where('userId', '=', owner.id).select('id').execute()).toEqual([])
    const queued = await system().selectFrom('fileRemovals').where('storageKey', '=', storageKey).select('storageKey').execute()
    expect(queued.length === 1 || !existsSync(join(server.platform.env.DATA_DIR, 'files', storageKey))).toBe(true)
    // The address is free again.
    expect((await server.call('POST', '/api/register', { body: { email: owner.email, password: owner.password } })).status).toBe(200)
  })

  test('has to hand a team with others over first, and takes one that is theirs alone along', async () => {
    const [account, colleague] = [await server.createAccount(), await server.createAccount()]
    const alone = await storeTeam(server, account.id, 'Alone')
    const shared = await storeTeam(server, account.id, 'Shared')
    await addMember(shared, colleague.id, 'admin')
    expect(await deleteUser(account)).toMatchObject({
      status: 409,
      body: { code: 'HAND_OVER_FIRST', workspaces: [{ id: shared, name: 'Shared' }] },
    })
    expect(await signedIn(account)).toBe(true)
    await system()
      .updateTable('memberships')
      .set({ role: 'owner' })
      .where('accountId', '=', shared)
      .where('userId', '=', colleague.id)
      .execute()
    expect((await deleteUser(account)).status).toBe(200)
    const closed = await system().selectFrom('accounts').where('deletedAt', 'is not', null).select('id').execute()
    const ids = closed.map(({ id }) => id)
    expect(ids).toContain(alone)
    expect(ids).not.toContain(shared)
    const members = await system().selectFrom('memberships').where('accountId', '=', shared).select('userId').execute()
    expect(members).toEqual([{ userId: colleague.id }])
  })

  test('and the other owner of a team who does so at the same moment do not leave it without one', async () => {
    const [one, other, third] = [await server.createAccount(), await server.createAccount(), await server.createAccount()]
    const team = await storeTeam(server, one.id, 'Two owners')
    await addMember(team, other.id, 'owner')
    await addMember(team, third.id, 'member')
    const answers = await Promise.all([deleteUser(one), deleteUser(other)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('confirms it, has signed in a moment ago, and does not do so with a key', async () => {
    const account = await server.createAccount()
    const call = (caller: { cookie?: string; key?: string }, body: unknown) => server.call('DELETE', '/api/user', { ...caller, body })
    expect((await call({ cookie: account.cookie }, {})).status).toBe(400)
    expect((await call({ key: account.key }, { confirm: true })).status).toBe(401)
    await system()
      .updateTable('sessions')
      .set({ authenticatedAt: new Date(Date.now() - 16 * 60_000).toISOString() })
      .where('userId', '=', account.id)
      .execute()
    expect(await deleteUser(account)).toMatchObject({ status: 403, body: { code: 'REAUTH_REQUIRED' } })
  })

  test('cancels a subscription that runs before that', async () => {
    const account = await server.createAccount()
    await system()
      .updateTable('accounts')
      .set({ stripeSubscriptionId: 'sub_1', subscriptionStatus: 'active' })
      .where('id', '=', account.id)
      .execute()
    expect(await deleteUser(account)).toMatchObject({ status: 409, body: { code: 'SUBSCRIPTION_RUNNING' } })
  })
})

describe('a team', () => {
  let owner: TestAccount
  let team: string
  const inTeam = () => ({ 'x-agentbot-workspace': team })
  const deleteTeam = (name: string, who = owner) =>
    server.call('POST', '/api/workspaces/delete', { cookie: who.cookie, headers: inTeam(), body: { name } })

  test('is deleted by an owner who names it, and taken back by one', async () => {
    owner = await server.createAccount()
    const member = await server.createAccount()
    team = await storeTeam(server, owner.id, 'Harbour Records')
    await addMember(team, member.id, 'admin')
    expect((await deleteTeam('Harbour Records', member)).status).toBe(403)
    expect(await deleteTeam('Harbour')).toMatchObject({ status: 400, body: { fields: [{ field: 'name' }] } })
    expect(await deleteTeam('Harbour Records')).toMatchObject({ status: 200, body: { id: team } })
    const look = () => server.call('GET', '/api/agents', { cookie: owner.cookie, headers: inTeam() })
    expect((await look()).status).toBe(404)
    const { workspaces } = (await server.call('GET', '/api/workspaces/deleted', { cookie: owner.cookie })).body
    expect(workspaces).toMatchObject([{ id: team, name: 'Harbour Records' }])
    const restore = (who: TestAccount) => server.call('POST', `/api/workspaces/deleted/${team}/restore`, { cookie: who.cookie, body: {} })
    expect((await restore(member)).status).toBe(404)
    expect((await restore(owner)).status).toBe(200)
    expect((await look()).status).toBe(200)
    expect((await restore(owner)).status).toBe(404)
  })

  test('is erased after seven days, and its people go on', async () => {
    await deleteTeam('Harbour Records')
    await daysPass(8)
    await eraseDue(server.platform)
    const row = await system().selectFrom('accounts').where('id', '=', team).selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ name: 'Deleted workspace', erasedAt: expect.any(String) })
    expect(await signedIn(owner)).toBe(true)
    expect((await server.call('GET', '/api/workspaces/deleted', { cookie: owner.cookie })).body.workspaces).toEqual([])
  })

  test('is not what a personal workspace is', async () => {
    const answer = await server.call('POST', '/api/workspaces/delete', { cookie: owner.cookie, body: { name: 'x' } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'PERSONAL_WORKSPACE' } })
  })
})

test('every table with rows of workspaces is erased, or is named with the reason why it is kept', async () => {
  const { rows } = await sql<{ name: string }>`
    select distinct table_name as name from information_schema.columns
    where table_schema = 'public' and (column_name = 'account_id' or table_name = 'accounts')`.execute(system())
  const known = [...erasedTables, ...Object.keys(keptTables)]
  expect(rows.map(({ name }) => name).toSorted(), 'server/automation/deletion/erased-tables.rules.ts').toEqual(known.toSorted())
})
