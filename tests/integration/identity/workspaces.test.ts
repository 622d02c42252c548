import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callIn, createTeam, joinTeam, sessionIn } from '../../helpers/teams.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let ines: TestAccount
let team: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  ines = await server.createAccount()
  team = await createTeam(server, ines)
})

const current = async (caller: { cookie?: string; key?: string }, workspaceId?: string) =>
  (workspaceId === undefined
    ? await server.call('GET', '/api/workspaces/current', caller)
    : await callIn(server, workspaceId, 'GET', '/api/workspaces/current', caller)
  ).body

describe('the workspace of a call', () => {
  test('is the personal one when nothing is said, as in the documented API', async () => {
    expect(await current({ cookie: ines.cookie })).toMatchObject({ id: ines.id, kind: 'personal', role: 'owner', memberCount: 1 })
    expect((await server.call('GET', '/api/settings', { cookie: ines.cookie })).body.id).toBe(ines.id)
  })

  test('is named by the header, or in the address', async () => {
    expect(await current({ cookie: ines.cookie }, team)).toMatchObject({ id: team, kind: 'team', role: 'owner', name: 'Harbour Records' })
    const { body } = await server.call('GET', `/api/workspaces/current?workspace=${team}`, { cookie: ines.cookie })
    expect(body.id).toBe(team)
  })

  test('is the one a session has chosen, and another session is where it was', async () => {
    const other = await sessionIn(server, ines, team)
    expect((await current({ cookie: other })).id).toBe(team)
    expect((await current({ cookie: ines.cookie })).id).toBe(ines.id)
    await server.call('POST', '/api/workspaces/choose', { cookie: other, body: { workspaceId: ines.id } })
    expect((await current({ cookie: other })).id).toBe(ines.id)
  })

  test('has agents, keys and figures of its own', async () => {
    const created = await callIn(server, team, 'POST', '/api/agents/provision', ines, { name: 'Team clerk' })
    expect(created.status).toBe(404)
    const { cookie } = ines
    const { body } = await callIn(server, team, 'POST', '/api/agents/provision', { cookie }, { name: 'Team clerk' })
    const agents = async (workspaceId: string) =>
      (await callIn(server, workspaceId, 'GET', '/api/agents', { cookie })).body.agents.map(({ id }: { id: string }) => id)
    expect(await agents(team)).toEqual([body.agent.id])
    expect(await agents(ines.id)).toEqual([])
  })

  test('cannot be one the caller is not in, which looks like one there is not', async () => {
    const outsider = await server.createAccount()
    const answers = [
      await callIn(server, team, 'GET', '/api/agents', { cookie: outsider.cookie }),
      await callIn(server, team, 'GET', '/api/agents', { key: outsider.key }),
      await callIn(server, 'ws_none', 'GET', '/api/agents', { cookie: outsider.cookie }),
      await server.call('GET', `/api/agents?workspace=${team}`, { cookie: outsider.cookie }),
      await server.call('POST', '/api/workspaces/choose', { cookie: outsider.cookie, body: { workspaceId: team } }),
    ]
    for (const { status, body } of answers) expect({ status, code: body.code }).toEqual({ status: 404, code: 'WORKSPACE_NOT_FOUND' })
    const { cookie } = outsider
    const graphql = await server.call('POST', `/graphql?workspace=${team}`, { cookie, body: { query: '{ agents { totalCount } }' } })
    expect(graphql.status).toBe(404)
    const trpc = await server.call('GET', `/trpc/agents.list?workspace=${team}`, { cookie })
    expect(trpc).toMatchObject({ status: 404, body: { error: { data: { appCode: 'WORKSPACE_NOT_FOUND' } } } })
  })

  test('a list names all of the caller, and a key is in one', async () => {
    const { body } = await server.call('GET', '/api/workspaces', { cookie: ines.cookie })
    expect(body.workspaces).toMatchObject([{ id: ines.id }, { id: team, role: 'owner' }])
    expect((await server.call('GET', '/api/workspaces', { key: ines.key })).body.workspaces).toMatchObject([{ id: ines.id, role: null }])
    const page = await server.graphql('{ workspacesList(first: 1) { totalCount pageInfo { endCursor } edges { node { id } } } }', {}, ines)
    expect(page.body.data.workspacesList).toMatchObject({ totalCount: 1, edges: [{ node: { id: ines.id } }] })
    const { cookie } = ines
    const first = await server.graphql('{ workspacesList(first: 1) { totalCount pageInfo { endCursor } } }', {}, { cookie })
    const { endCursor } = first.body.data.workspacesList.pageInfo
    const second = await server.graphql(`{ workspacesList(first: 5, after: "${endCursor}") { edges { node { id } } } }`, {}, { cookie })
    expect(second.body.data.workspacesList.edges).toEqual([{ node: { id: team } }])
  })

  test('that was suspended or deleted is as good as gone, and its sessions are in the personal one', async () => {
    const cookie = await sessionIn(server, ines, team)
    await server.platform.databases.system
      .updateTable('accounts')
      .set({ suspendedAt: new Date().toISOString() })
      .where('id', '=', team)
      .execute()
    expect((await callIn(server, team, 'GET', '/api/agents', { cookie })).status).toBe(404)
    expect((await current({ cookie })).id).toBe(ines.id)
    expect((await server.call('GET', '/api/workspaces', { cookie })).body.workspaces).toHaveLength(1)
  })
})

describe('a key of a team', () => {
  test('tells the id of the workspace and how to reach it, and is about nobody in particular', async () => {
    const { body } = await callIn(server, team, 'POST', '/api/keys', { cookie: ines.cookie }, { name: 'team' })
    const check = await server.call('POST', '/api/keys/validate', { body: { apiKey: body.key } })
    expect(check.body).toMatchObject({ valid: true, userId: team, email: ines.email })
    expect(await current({ key: body.key })).toMatchObject({ id: team, role: null })
    expect(await server.call('GET', '/api/settings', { key: body.key })).toMatchObject({ status: 403, body: { code: 'PERSON_REQUIRED' } })
  })
})

test('one person makes a bounded number of teams, at once too', async () => {
  const { system } = server.platform.databases
  const ids = Array.from({ length: 95 }, (_, index) => `ws_${ines.id.slice(4)}${index}`)
  await system
    .insertInto('accounts')
    .values(ids.map((id) => ({ id, kind: 'team', name: id, referralCode: id.toUpperCase() })))
    .execute()
  await system
    .insertInto('memberships')
    .values(ids.map((accountId) => ({ accountId, userId: ines.id, role: 'owner' })))
    .execute()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => server.call('POST', '/api/workspaces', { cookie: ines.cookie, body: { name: 'More' } })),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'TOO_MANY_WORKSPACES', limit: 100 })
})

test('a team that is created again with the same key is the same one', async () => {
  const create = () =>
    server.call('POST', '/api/workspaces', {
      cookie: ines.cookie,
      body: { name: 'Once' },
      headers: { 'idempotency-key': `once-${ines.id}` },
    })
  const [first, second] = [await create(), await create()]
  expect(second.body).toEqual(first.body)
})

describe('two members with the same Idempotency-Key', () => {
  test('each get their own answer', async () => {
    const tom = await joinTeam(server, team, ines)
    const create = (cookie: string, name: string) =>
      server.call('POST', '/api/agents/provision', {
        cookie,
        body: { name },
        headers: { 'idempotency-key': 'the same', 'x-agentbot-workspace': team },
      })
    const [ofInes, ofTom] = [await create(ines.cookie, 'Of Ines'), await create(tom.cookie, 'Of Tom')]
    expect([ofInes.status, ofTom.status]).toEqual([201, 201])
    expect(ofTom.body.agent.name).toBe('Of Tom')
    const again = await create(ines.cookie, 'Of Ines')
    expect(again.body.agent.id).toBe(ofInes.body.agent.id)
  })
})

describe('a personal workspace', () => {
  test('has one person in it', async () => {
    const { cookie } = ines
    const invited = await server.call('POST', '/api/workspaces/current/invitations', {
      cookie,
      body: { email: 'a@example.org', role: 'member' },
    })
    expect(invited).toMatchObject({ status: 409, body: { code: 'TEAM_REQUIRED' } })
    expect(await server.call('POST', '/api/workspaces/current/leave', { cookie, body: {} })).toMatchObject({
      status: 409,
      body: { code: 'TEAM_REQUIRED' },
    })
    const renamed = await server.call('PATCH', '/api/workspaces/current', { cookie, body: { name: 'Other' } })
    expect(renamed).toMatchObject({ status: 409, body: { code: 'NAMED_AFTER_PERSON' } })
  })

  test('becomes a team with all it has, and sessions and keys go on', async () => {
    const { body } = await server.call('POST', '/api/agents/provision', { key: ines.key, body: { name: 'Clerk' } })
    const elsewhere = await sessionIn(server, ines)
    const turned = await server.call('POST', '/api/workspaces/current/team', { cookie: ines.cookie, body: { name: 'Vale & Co' } })
    expect(turned).toMatchObject({ status: 200, body: { id: ines.id, kind: 'team', name: 'Vale & Co', role: 'owner' } })

    for (const caller of [{ cookie: ines.cookie }, { cookie: elsewhere }, { key: ines.key }]) {
      expect(await current(caller)).toMatchObject({ id: ines.id, kind: 'team', name: 'Vale & Co' })
      expect((await server.call('GET', '/api/agents', caller)).body.agents).toMatchObject([{ id: body.agent.id }])
    }
    expect((await server.call('POST', '/api/keys/validate', { body: { apiKey: ines.key } })).body).toMatchObject({
      userId: ines.id,
      email: ines.email,
    })

    const { workspaces } = (await server.call('GET', '/api/workspaces', { cookie: ines.cookie })).body
    const personal = workspaces.filter(({ kind }: { kind: string }) => kind === 'personal')
    expect(personal).toHaveLength(1)
    expect((await callIn(server, personal[0].id, 'GET', '/api/agents', { cookie: ines.cookie })).body.agents).toEqual([])
    // A new sign-in is in the personal workspace again.
    expect(await current({ cookie: await sessionIn(server, ines) })).toMatchObject({ id: personal[0].id, kind: 'personal' })
    expect((await server.call('GET', '/api/auth/session', { cookie: ines.cookie })).body.user.id).toBe(ines.id)
    const again = await server.call('POST', '/api/workspaces/current/team', { cookie: ines.cookie, body: { name: 'Again' } })
    expect(again).toMatchObject({ status: 409, body: { code: 'TEAM_ALREADY' } })
    await expect(joinTeam(server, ines.id, { cookie: ines.cookie })).resolves.toBeTruthy()
  })

  test('becomes one team, however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        server.call('POST', '/api/workspaces/current/team', { cookie: ines.cookie, body: { name: 'Vale' } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const { workspaces } = (await server.call('GET', '/api/workspaces', { cookie: ines.cookie })).body
    expect(workspaces).toHaveLength(3)
  })
})

describe('limits of calls', () => {
  test('count each person by themselves, whichever workspace they are in', async () => {
    const limited = await startTestServer({ RATE_LIMIT_SCALE: '0.5' })
    try {
      const { system } = limited.platform.databases
      const owner = await limited.createAccount()
      const id = await createTeam(limited, owner)
      const other = await limited.createAccount()
      await system.insertInto('memberships').values({ accountId: id, userId: other.id, role: 'member' }).execute()
      const left = async (cookie: string, workspaceId?: string) => {
        const { headers } = workspaceId
          ? await callIn(limited, workspaceId, 'GET', '/api/agents', { cookie })
          : await limited.call('GET', '/api/agents', { cookie })
        return Number(headers.get('ratelimit-remaining'))
      }
      const before = await left(owner.cookie)
      expect(await left(owner.cookie, id)).toBe(before - 1)
      expect(await left(other.cookie, id)).toBe(before)
    } finally {
      await limited.close()
    }
  })
})

test('everybody who registers joins the team of a server of one team', async () => {
  const { system } = server.platform.databases
  server.platform.env.SIGNUP_WORKSPACE = { accountId: team, role: 'viewer' }
  try {
    const tom = await server.createAccount()
    expect(await current({ cookie: tom.cookie }, team)).toMatchObject({ id: team, role: 'viewer' })
    await system.updateTable('accounts').set({ deletedAt: new Date().toISOString() }).where('id', '=', team).execute()
    const ada = await server.createAccount()
    expect((await server.call('GET', '/api/workspaces', { cookie: ada.cookie })).body.workspaces).toHaveLength(1)
  } finally {
    delete server.platform.env.SIGNUP_WORKSPACE
  }
})
