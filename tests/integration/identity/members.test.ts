import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { roles, type Role } from '../../../server/platform/core/roles.contract.ts'
import { callIn, createTeam, invite, sessionIn } from '../../helpers/teams.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let people: Record<Role, TestAccount>
let team: string
beforeAll(async () => {
  server = await startTestServer()
  const [owner, admin, member, viewer] = [
    await server.createAccount(),
    await server.createAccount(),
    await server.createAccount(),
    await server.createAccount(),
  ]
  people = { owner: owner!, admin: admin!, member: member!, viewer: viewer! }
})
afterAll(() => server.close())
/** A team with one of each role. */
beforeEach(async () => {
  team = await createTeam(server, { cookie: people.owner.cookie })
  await addMembers(roles.filter((role) => role !== 'owner').map((role) => [people[role].id, role]))
})

const addMembers = (members: [userId: string, role: Role][]) =>
  server.platform.databases.system
    .insertInto('memberships')
    .values(members.map(([userId, role]) => ({ accountId: team, userId, role })))
    .execute()

const as = (role: Role) => ({ cookie: people[role].cookie })
const changeRole = (caller: { cookie?: string; key?: string }, userId: string, role: Role, keys?: string) =>
  callIn(server, team, 'PATCH', `/api/workspaces/current/members/${userId}`, caller, { role, ...(keys ? { keys } : {}) })
const remove = (caller: { cookie?: string; key?: string }, userId: string, keys?: string) =>
  callIn(server, team, 'DELETE', `/api/workspaces/current/members/${userId}`, caller, keys ? { keys } : undefined)
const leave = (role: Role, keys?: string) => callIn(server, team, 'POST', '/api/workspaces/current/leave', as(role), keys ? { keys } : {})
const rolesNow = async (): Promise<Record<string, Role>> => {
  const { members } = (await callIn(server, team, 'GET', '/api/workspaces/current/members', as('viewer'))).body
  return Object.fromEntries(members.map(({ userId, role }: { userId: string; role: Role }) => [userId, role]))
}
const createKey = async (caller: { cookie: string }, name: string) =>
  (await callIn(server, team, 'POST', '/api/keys', caller, { name })).body

describe('what each role may do', () => {
  const calls = {
    'look at agents': ['GET', '/api/agents'],
    'look at members': ['GET', '/api/workspaces/current/members'],
    'make an agent': ['POST', '/api/agents/provision', { name: 'Clerk' }],
    'make a key': ['POST', '/api/keys', { name: 'a key' }],
    'invite somebody': ['POST', '/api/workspaces/current/invitations', { email: 'new@example.org', role: 'viewer' }],
    'rename the team': ['PATCH', '/api/workspaces/current', { name: 'Renamed' }],
  } as const
  const allowed: Record<keyof typeof calls, readonly Role[]> = {
    'look at agents': roles,
    'look at members': roles,
    'make an agent': ['owner', 'admin', 'member'],
    'make a key': ['owner', 'admin'],
    'invite somebody': ['owner', 'admin'],
    'rename the team': ['owner', 'admin'],
  }

  test.each(Object.keys(calls).map((call) => [call as keyof typeof calls]))('%s', async (call) => {
    const [method, path, body] = calls[call]
    for (const role of roles) {
      const answer = await callIn(server, team, method, path, as(role), body)
      if (allowed[call].includes(role)) expect([role, answer.status]).not.toEqual([role, 403])
      else expect(answer).toMatchObject({ status: 403, body: { code: 'ROLE_REQUIRED', role } })
    }
  })

  test('is told to the caller', async () => {
    const { body } = await callIn(server, team, 'GET', '/api/workspaces/current', as('viewer'))
    expect(body).toMatchObject({ role: 'viewer', memberCount: 4 })
    expect(body.scopes).toContain('agents:read')
    expect(body.scopes.filter((scope: string) => !scope.endsWith(':read'))).toEqual([])
  })

  test('is not more in one workspace for what they are in another', async () => {
    const own = await server.call('POST', '/api/agents/provision', { ...as('viewer'), body: { name: 'Own' } })
    expect(own.status).toBe(201)
  })
})

describe('nobody gives or takes more than they have', () => {
  test.each([
    ['admin', 'admin', 'owner'],
    ['admin', 'member', 'owner'],
    ['admin', 'owner', 'viewer'],
  ] as const)('as %s they cannot make the %s %s', async (caller, target, to) => {
    expect(await changeRole(as(caller), people[target].id, to)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_TOO_HIGH', role: caller },
    })
    expect((await rolesNow())[people[target].id]).toBe(target)
  })

  test('an admin cannot remove an owner, and a key is an admin', async () => {
    const { key } = await createKey(as('owner'), 'key')
    for (const caller of [as('admin'), { key }])
      expect(await remove(caller, people.owner.id, 'keep')).toMatchObject({ status: 403, body: { code: 'ROLE_TOO_HIGH' } })
    expect((await remove({ key }, people.member.id)).status).toBe(200)
    expect(await changeRole({ key }, people.viewer.id, 'owner')).toMatchObject({ status: 403, body: { code: 'ROLE_TOO_HIGH' } })
  })

  test('who was made less meanwhile cannot go on as what they were', async () => {
    await changeRole(as('owner'), people.admin.id, 'member')
    expect(await remove(as('admin'), people.viewer.id)).toMatchObject({ status: 403 })
  })

  test('what somebody invited others to goes with their role', async () => {
    const { token: kept } = await invite(server, team, as('owner'), 'kept@example.org', 'admin')
    const { token: gone } = await invite(server, team, as('admin'), 'gone@example.org', 'admin')
    await changeRole(as('owner'), people.admin.id, 'member')
    const look = async (token: string) => (await server.call('POST', '/api/workspaces/invitations/look', { body: { token } })).status
    expect([await look(kept), await look(gone)]).toEqual([200, 404])
  })
})

describe('the last owner', () => {
  test.each([
    ['cannot become less', () => changeRole(as('owner'), people.owner.id, 'admin', 'keep')],
    ['cannot be removed', () => remove(as('owner'), people.owner.id, 'keep')],
    ['cannot leave', () => leave('owner', 'keep')],
  ])('%s', async (_what, call) => {
    expect(await call()).toMatchObject({ status: 409, body: { code: 'LAST_OWNER' } })
    expect((await rolesNow())[people.owner.id]).toBe('owner')
  })

  test('is one of however many who give it up at once', async () => {
    const others = await Promise.all(Array.from({ length: 19 }, () => server.createAccount()))
    await addMembers(others.map(({ id }) => [id, 'owner']))
    const all = [...others, people.owner]
    const answers = await Promise.all(
      all.map(({ id, cookie }, index) =>
        index % 2
          ? changeRole({ cookie }, id, 'viewer', 'keep')
          : callIn(server, team, 'POST', '/api/workspaces/current/leave', { cookie }, { keys: 'keep' }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19)
    expect(answers.filter(({ status }) => status !== 200)).toMatchObject([{ status: 409, body: { code: 'LAST_OWNER' } }])
    expect(Object.values(await rolesNow()).filter((role) => role === 'owner')).toHaveLength(1)
  })

  test('stays in the database whatever is done there', async () => {
    const { system } = server.platform.databases
    await expect(sql`delete from memberships where account_id = ${team} and role = 'owner'`.execute(system)).rejects.toThrow('has no owner')
  })
})

describe('handing the workspace over', () => {
  const transfer = (role: Role, userId: string) => callIn(server, team, 'POST', '/api/workspaces/current/owner', as(role), { userId })

  test('makes the other one owner and oneself an admin', async () => {
    expect(await transfer('owner', people.member.id)).toMatchObject({ status: 200, body: { userId: people.member.id, role: 'owner' } })
    expect(await rolesNow()).toMatchObject({ [people.member.id]: 'owner', [people.owner.id]: 'admin' })
  })

  test('is for owners, to members', async () => {
    expect((await transfer('admin', people.admin.id)).status).toBe(403)
    expect(await transfer('owner', 'usr_none')).toMatchObject({ status: 404, body: { code: 'MEMBER_NOT_FOUND' } })
  })

  test('asks for a sign-in that is not long ago', async () => {
    const cookie = await sessionIn(server, people.owner)
    await sql`update sessions set authenticated_at = now() - interval '16 minutes' where user_id = ${people.owner.id}`.execute(
      server.platform.databases.system,
    )
    try {
      const answer = await callIn(server, team, 'POST', '/api/workspaces/current/owner', { cookie }, { userId: people.member.id })
      expect(answer).toMatchObject({ status: 403, body: { code: 'REAUTH_REQUIRED' } })
    } finally {
      await sql`update sessions set authenticated_at = now()`.execute(server.platform.databases.system)
    }
  })
})

describe('the keys of who goes', () => {
  test('have to be decided on, and are named', async () => {
    const made = await createKey(as('admin'), 'Release script')
    for (const answer of [
      await remove(as('owner'), people.admin.id),
      await changeRole(as('owner'), people.admin.id, 'viewer'),
      await leave('admin'),
    ])
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'KEYS_NEED_DECISION', field: 'keys', keys: [{ id: made.id, name: 'Release script', keyPreview: made.keyPreview }] },
      })
    expect((await rolesNow())[people.admin.id]).toBe('admin')
    const { members } = (await callIn(server, team, 'GET', '/api/workspaces/current/members', as('owner'))).body
    expect(members.find(({ userId }: { userId: string }) => userId === people.admin.id).keyCount).toBe(1)
  })

  test('go on working, or stop at once', async () => {
    const works = async (key: string) => (await server.call('GET', '/api/agents', { key })).status
    const { key: kept } = await createKey(as('admin'), 'kept')
    expect(await works(kept)).toBe(200)
    expect((await changeRole(as('owner'), people.admin.id, 'viewer', 'keep')).status).toBe(200)
    expect(await works(kept)).toBe(200)
    expect((await remove(as('owner'), people.admin.id, 'delete')).status).toBe(200)
    expect(await works(kept)).toBe(401)
    // Keys of their own are nobody else's business.
    expect(await works(people.admin.key)).toBe(200)
  })

  test('are not asked about where there are none, nor for a role that may have them', async () => {
    await createKey(as('admin'), 'key')
    expect((await changeRole(as('owner'), people.admin.id, 'member')).status).toBe(200)
    expect((await remove(as('owner'), people.member.id)).status).toBe(200)
  })
})

describe('who was removed', () => {
  test('is nobody there at once, and their sessions are in their personal workspace', async () => {
    const cookie = await sessionIn(server, people.member, team)
    const inTeam = async () => (await server.call('GET', '/api/workspaces/current', { cookie })).body.id
    expect(await inTeam()).toBe(team)
    await remove(as('owner'), people.member.id)
    expect(await inTeam()).toBe(people.member.id)
    expect((await callIn(server, team, 'GET', '/api/agents', { cookie })).status).toBe(404)
    expect((await server.call('GET', '/api/workspaces', { cookie })).body.workspaces.map(({ id }: { id: string }) => id)).not.toContain(
      team,
    )
  })

  test('left by themselves just as well', async () => {
    expect((await leave('viewer')).status).toBe(200)
    expect((await callIn(server, team, 'GET', '/api/agents', as('viewer'))).status).toBe(404)
  })
})

test('members are read page by page over GraphQL', async () => {
  const query = '{ membersList(first: 3) { totalCount pageInfo { hasNextPage } edges { node { userId name email role } } } }'
  const answer = await server.call('POST', '/graphql', { ...as('viewer'), body: { query }, headers: { 'x-agentbot-workspace': team } })
  expect(answer.body.data.membersList).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } })
  expect(answer.body.data.membersList.edges[0].node).toMatchObject({ userId: people.owner.id, role: 'owner' })
})
