import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { addSecondFactor } from '../../helpers/totp.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  account = await server.createAccount()
})

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0'

const signInElsewhere = async (userAgent = FIREFOX) => {
  const { email, password } = account
  const { headers } = await server.call('POST', '/api/auth/login', { body: { email, password }, headers: { 'user-agent': userAgent } })
  return headers.get('set-cookie')!.split(';')[0]!
}
const trpc = () => server.trpc({ cookie: account.cookie })
const isSignedIn = async (cookie: string) => (await server.call('GET', '/api/auth/session', { cookie })).body.user !== null
const sessions = () => server.platform.databases.system.updateTable('sessions').where('userId', '=', account.id)
const DAY_MS = 86_400_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()

describe('the list', () => {
  test('shows each with its device, newest first, and which one asks', async () => {
    await signInElsewhere()
    const list = await trpc().sessions.list.query()
    expect(list).toHaveLength(2)
    expect(list[0]).toMatchObject({
      device: 'Firefox on Windows',
      ip: '127.0.0.1',
      method: 'password',
      isCurrent: false,
      hasSecondFactor: false,
    })
    expect(list[1]).toMatchObject({ isCurrent: true })
  })

  test('has nothing that signs in', async () => {
    const cookie = await signInElsewhere()
    const list = JSON.stringify(await trpc().sessions.list.query())
    const rows = await server.platform.databases.system.selectFrom('sessions').where('userId', '=', account.id).select('id').execute()
    for (const secret of [cookie.split('=')[1]!, ...rows.map(({ id }) => id)]) expect(list).not.toContain(secret)
  })

  test('has only sessions of the person who asks, and none that has ended', async () => {
    await sessions()
      .set({ expiresAt: ago(1000) })
      .execute()
    const other = await server.createAccount()
    expect(await server.trpc({ cookie: other.cookie }).sessions.list.query()).toHaveLength(1)
  })

  test('is read page by page over GraphQL', async () => {
    await signInElsewhere()
    const query =
      'query ($after: String) { sessionsList(first: 1, after: $after) { totalCount edges { node { id } } pageInfo { endCursor hasNextPage } } }'
    const first = (await server.graphql(query, {}, { cookie: account.cookie })).body.data.sessionsList
    const second = (await server.graphql(query, { after: first.pageInfo.endCursor }, { cookie: account.cookie })).body.data.sessionsList
    expect(first.totalCount).toBe(2)
    expect(second.pageInfo.hasNextPage).toBe(false)
    expect(first.edges[0].node.id).not.toBe(second.edges[0].node.id)
  })
})

describe('signing out', () => {
  test('of one session ends that one at once', async () => {
    const cookie = await signInElsewhere()
    const [elsewhere] = await trpc().sessions.list.query()
    await trpc().sessions.end.mutate({ sessionId: elsewhere!.id })
    expect(await isSignedIn(cookie)).toBe(false)
    expect(await isSignedIn(account.cookie)).toBe(true)
    await expect(trpc().sessions.end.mutate({ sessionId: elsewhere!.id })).rejects.toThrow('no such session')
  })

  test('of a session of somebody else does nothing', async () => {
    const other = await server.createAccount()
    const [session] = await server.trpc({ cookie: other.cookie }).sessions.list.query()
    await expect(trpc().sessions.end.mutate({ sessionId: session!.id })).rejects.toThrow('no such session')
    expect(await isSignedIn(other.cookie)).toBe(true)
  })

  test('everywhere ends all of them, the one that asks too', async () => {
    const cookie = await signInElsewhere()
    await trpc().sessions.endAll.mutate({})
    for (const each of [cookie, account.cookie]) expect(await isSignedIn(each)).toBe(false)
    expect((await server.call('GET', '/api/settings', { key: account.key })).status).toBe(200)
  })
})

describe('a session', () => {
  test('ends 90 days after it began, however often it is used', async () => {
    await sessions()
      .set({ createdAt: ago(80 * DAY_MS), expiresAt: new Date(Date.now() + DAY_MS).toISOString() })
      .execute()
    expect(await isSignedIn(account.cookie)).toBe(true)
    const [session] = await trpc().sessions.list.query()
    expect(Date.parse(session!.expiresAt) - Date.now()).toBeLessThan(10 * DAY_MS + 1000)
    expect(Date.parse(session!.expiresAt) - Date.now()).toBeGreaterThan(10 * DAY_MS - 60_000)
    // It is not prolonged again, and its cookie not sent again, with every call of its last days.
    expect((await server.call('GET', '/api/auth/session', { cookie: account.cookie })).headers.get('set-cookie')).toBeNull()
  })

  test('that is used in its second half lives on', async () => {
    await sessions()
      .set({ createdAt: ago(20 * DAY_MS), expiresAt: new Date(Date.now() + DAY_MS).toISOString() })
      .execute()
    expect((await server.call('GET', '/api/auth/session', { cookie: account.cookie })).headers.get('set-cookie')).toContain(
      'agentbot-session=',
    )
    const [session] = await trpc().sessions.list.query()
    expect(Date.parse(session!.expiresAt) - Date.now()).toBeGreaterThan(29 * DAY_MS)
  })
})

describe('what needs a fresh sign-in', () => {
  beforeEach(async () => {
    await sessions()
      .set({ authenticatedAt: ago(16 * 60_000) })
      .execute()
  })

  test('is refused a quarter of an hour after it', async () => {
    await expect(trpc().sessions.endAll.mutate({})).rejects.toMatchObject({ data: { appCode: 'REAUTH_REQUIRED', httpStatus: 403 } })
  })

  test('goes on once the password was sent', async () => {
    await expect(trpc().sessions.reauthenticate.mutate({ password: 'wrong' })).rejects.toThrow('not your password')
    await expect(trpc().sessions.endAll.mutate({})).rejects.toThrow('Prove once more')
    const { freshUntil } = await trpc().sessions.reauthenticate.mutate({ password: account.password })
    expect(Date.parse(freshUntil) - Date.now()).toBeGreaterThan(14 * 60_000)
    await trpc().sessions.endAll.mutate({})
  })

  test('goes on for the session that proved it, and for no other', async () => {
    const cookie = await signInElsewhere()
    await sessions()
      .set({ authenticatedAt: ago(16 * 60_000) })
      .execute()
    await trpc().sessions.reauthenticate.mutate({ password: account.password })
    await expect(server.trpc({ cookie }).sessions.endAll.mutate({})).rejects.toThrow('Prove once more')
  })

  test('takes a code of the app as well, where there is one', async () => {
    await expect(trpc().sessions.reauthenticate.mutate({ code: '123456' })).rejects.toThrow('no second factor')
    await sessions()
      .set({ authenticatedAt: ago(0) })
      .execute()
    const { recoveryCodes } = await addSecondFactor(server, account)
    await sessions()
      .set({ authenticatedAt: ago(16 * 60_000) })
      .execute()
    expect(await trpc().sessions.waysToReauthenticate.query()).toEqual({ password: true, code: true })
    await trpc().sessions.reauthenticate.mutate({ code: recoveryCodes[0]! })
    await trpc().sessions.endAll.mutate({})
  })

  test('asks for one of the two, not both and not none', async () => {
    for (const input of [{}, { password: account.password, code: '123456' }])
      await expect(trpc().sessions.reauthenticate.mutate(input)).rejects.toThrow('either password or code')
  })
})
