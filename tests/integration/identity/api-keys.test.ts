import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { tellOfExpiringKeys } from '../../../server/identity/keys/index.ts'
import { storeTeam } from '../../contract/fixtures.ts'
import { randomBase62 } from '../../../server/platform/core/ids.ts'
import { sha256 } from '../../../server/platform/core/index.ts'
import { mailsTo } from '../../helpers/outbox.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let keyId: string
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: 'on' })
})
afterAll(() => server.close())
afterEach(() => void vi.restoreAllMocks())
beforeEach(async () => {
  account = await server.createAccount()
  keyId = (await list()).at(0).id
})

const HOME = '203.0.113.7'
const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } })

const list = async () => (await server.call('GET', '/api/keys', { cookie: account.cookie })).body.keys
const useFrom = (key: string, ip = HOME): Promise<Answer> => server.call('GET', '/api/settings', { key, ...from(ip) })
const rotate = (body: Record<string, unknown> = {}) => server.call('POST', `/api/keys/${keyId}/rotate`, { cookie: account.cookie, body })
const change = (body: Record<string, unknown>, ip = HOME) =>
  server.call('PATCH', `/api/keys/${keyId}`, { cookie: account.cookie, body, ...from(ip) })
const report = (body: unknown) => server.call('POST', '/api/keys/leaks', { body })

describe('the checksum of a key', () => {
  test('that does not fit is said to be wrong', async () => {
    const mistyped = account.key.slice(0, 20) + (account.key[20] === 'x' ? 'y' : 'x') + account.key.slice(21)
    expect(await useFrom(mistyped)).toMatchObject({ status: 401, body: { error: expect.stringContaining('checksum') } })
    expect((await server.call('POST', '/api/keys/validate', { body: { apiKey: mistyped } })).body.error).toContain('checksum')
  })

  test('is not asked of a key that was made before there were any', async () => {
    const old = `sk_${randomBase62(32)}`
    const { system } = server.platform.databases
    await system
      .updateTable('apiKeys')
      .set({ keyHash: sha256(old) })
      .where('id', '=', keyId)
      .execute()
    expect((await useFrom(old)).status).toBe(200)
  })
})

describe('a key that is replaced', () => {
  test('goes on working beside the new one for a day, and both are one key of the account', async () => {
    const rotated = await rotate()
    expect(rotated.status).toBe(201)
    expect(Date.parse(rotated.body.oldKeyExpiresAt) - Date.now()).toBeGreaterThan(23.9 * 3_600_000)
    expect(rotated.body.keyPreview).toBe(`${rotated.body.key.slice(0, 10)}...`)
    for (const key of [account.key, rotated.body.key]) expect((await useFrom(key)).body.id).toBe(account.id)
    expect(await list()).toMatchObject([{ id: keyId, oldKeyExpiresAt: rotated.body.oldKeyExpiresAt }])
  })

  test('stops when its time is over, also where it was checked a moment before', async () => {
    await rotate({ overlapHours: 1 })
    expect((await useFrom(account.key)).status).toBe(200)
    const later = Date.now() + 3_600_001
    vi.spyOn(Date, 'now').mockReturnValue(later)
    expect(await useFrom(account.key)).toMatchObject({ status: 401, body: { error: expect.stringContaining('replaced') } })
  })

  test('stops at once when it is to have no time', async () => {
    const { key } = (await rotate({ overlapHours: 0 })).body
    expect((await useFrom(account.key)).status).toBe(401)
    expect((await useFrom(key)).status).toBe(200)
  })

  test('twice leaves the last one before it, and not the one before that', async () => {
    const second = (await rotate()).body.key
    const third = (await rotate()).body.key
    expect((await useFrom(account.key)).status).toBe(401)
    for (const key of [second, third]) expect((await useFrom(key)).status).toBe(200)
  })

  test('by several calls at once leaves one new key that works', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => rotate({ overlapHours: 0 })))
    const statuses = await Promise.all(answers.map(async ({ body }) => (await useFrom(body.key)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  })

  test.each([-1, 169, 1.5])('cannot go on for %s hours', async (overlapHours) => {
    expect(await rotate({ overlapHours })).toMatchObject({ status: 400, body: { fields: [{ field: 'overlapHours' }] } })
  })

  test('keeps what it was limited to', async () => {
    await change({ rateLimit: 7, name: 'Night boat' })
    expect((await rotate()).body).toMatchObject({ id: keyId, name: 'Night boat', rateLimit: 7 })
  })

  test('has to be the caller’s own', async () => {
    const other = await server.createAccount()
    const stolen = await server.call('POST', `/api/keys/${keyId}/rotate`, { cookie: other.cookie, body: {} })
    expect(stolen.status).toBe(404)
    expect((await useFrom(account.key)).status).toBe(200)
  })

  test('cannot be so by a key', async () => {
    expect((await server.call('POST', `/api/keys/${keyId}/rotate`, { key: account.key, body: {} })).status).toBe(401)
  })
})

describe('a list of addresses', () => {
  test('lets a key be used from there only', async () => {
    expect((await change({ allowedAddresses: ['203.0.113.0/24', '2001:db8::/32'] })).status).toBe(200)
    expect((await useFrom(account.key, HOME)).status).toBe(200)
    expect((await useFrom(account.key, '2001:db8::77')).status).toBe(200)
    expect((await useFrom(account.key, `::ffff:${HOME}`)).status).toBe(200)
    const refused = await useFrom(account.key, '198.51.100.9')
    expect(refused).toMatchObject({ status: 401, body: { error: 'The API key may not be used from 198.51.100.9.' } })
    expect((await server.call('POST', '/api/validate-key', { key: account.key, ...from('198.51.100.9') })).status).toBe(401)
    await change({ allowedAddresses: null })
    expect((await useFrom(account.key, '198.51.100.9')).status).toBe(200)
  })

  test('is refused without the address of whoever makes it, unless that is meant', async () => {
    const list = { allowedAddresses: ['198.51.100.0/24'] }
    const refused = await change(list)
    expect(refused).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'allowedAddresses', message: expect.stringContaining(HOME) }] },
    })
    expect(await change({ ...list, isUsedElsewhere: true })).toMatchObject({ status: 200, body: list })
    const body = { name: 'Quay', ...list }
    expect((await server.call('POST', '/api/keys', { cookie: account.cookie, body, ...from(HOME) })).status).toBe(400)
    const created = await server.call('POST', '/api/keys', { cookie: account.cookie, body, ...from('198.51.100.2') })
    expect(created).toMatchObject({ status: 201, body: list })
  })

  test.each(['', 'localhost', '203.0.113', '203.0.113.7/33', '203.0.113.7/', '203.0.113.0/24/8', 'fe80::1%eth0', '10.0.0.0-9'])(
    'cannot have "%s" in it',
    async (address) => {
      expect(await change({ allowedAddresses: [HOME, address] })).toMatchObject({
        status: 400,
        body: { fields: [{ field: 'allowedAddresses.1' }] },
      })
    },
  )
})

test('a key says from where it was used last', async () => {
  expect(await list()).toMatchObject([{ lastAddress: null }])
  await useFrom(account.key, '198.51.100.9')
  expect(await list()).toMatchObject([{ lastAddress: '198.51.100.9' }])
})

test('a change of nothing answers with the key as it is', async () => {
  expect(await change({})).toMatchObject({ status: 200, body: { id: keyId, name: 'test' } })
})

describe('a report of keys that leaked', () => {
  const received = { status: 202, body: { received: true } }

  test('switches a key off and does not tell whether there was one', async () => {
    expect(await report({ keys: ['sk_nobody-has-this', account.key] })).toMatchObject(received)
    expect(await report({ keys: ['sk_nobody-has-this'] })).toMatchObject(received)
    expect(await useFrom(account.key)).toMatchObject({ status: 401, body: { error: expect.stringContaining('leaked') } })
    expect(await list()).toMatchObject([{ id: keyId, leakedAt: expect.any(String) }])
  })

  test('may be a list as scanners of secrets send it', async () => {
    const found = { type: 'agentbot_key', token: account.key, url: 'https://example.org/commit', source: 'content' }
    expect(await report([found])).toMatchObject(received)
    expect((await useFrom(account.key)).status).toBe(401)
  })

  test('of a key that was replaced ends only the old one', async () => {
    const { key } = (await rotate()).body
    await report({ keys: [account.key] })
    expect((await useFrom(account.key)).status).toBe(401)
    expect((await useFrom(key)).status).toBe(200)
    expect(await list()).toMatchObject([{ leakedAt: null }])
  })

  test('cannot be undone by replacing the key with an overlap', async () => {
    await report({ keys: [account.key] })
    const { key, leakedAt } = (await rotate({ overlapHours: 168 })).body
    expect(leakedAt).toBeNull()
    expect((await useFrom(key)).status).toBe(200)
    expect((await useFrom(account.key)).status).toBe(401)
  })

  test.each([[{}], [{ keys: [] }], [{ keys: [7] }], [[]], [[{ type: 'x' }]], ['"sk_text"']])(
    'is refused when it names none (%j)',
    async (body) => {
      expect((await report(body)).status).toBe(400)
    },
  )
})

describe('in a team', () => {
  let team: string
  let colleague: TestAccount
  const inTeam = () => ({ 'x-agentbot-workspace': team })
  const teamKeys = (who: TestAccount, path: string) => server.call('GET', path, { cookie: who.cookie, headers: inTeam() })
  const addMember = (userId: string, role: string) =>
    server.platform.databases.system.insertInto('memberships').values({ accountId: team, userId, role }).execute()

  beforeEach(async () => {
    colleague = await server.createAccount()
    team = await storeTeam(server, account.id, 'Harbour Records')
    await server.call('POST', '/api/keys', { cookie: account.cookie, headers: inTeam(), body: { name: 'Of the owner' } })
  })

  test('people list their own keys, and admins all of them with who made each', async () => {
    await addMember(colleague.id, 'admin')
    await server.call('POST', '/api/keys', { cookie: colleague.cookie, headers: inTeam(), body: { name: 'Of the admin' } })
    expect((await teamKeys(colleague, '/api/keys')).body.keys).toMatchObject([{ name: 'Of the admin', createdBy: { id: colleague.id } }])
    const all = (await teamKeys(colleague, '/api/keys/all')).body.keys
    expect(all.map(({ createdBy }: { createdBy: { id: string } }) => createdBy.id)).toEqual([colleague.id, account.id])
  })

  test.each(['member', 'viewer'])('a %s sees no keys of others and changes none', async (role) => {
    await addMember(colleague.id, role)
    const [{ id }] = (await teamKeys(account, '/api/keys')).body.keys
    expect((await teamKeys(colleague, '/api/keys')).body.keys).toEqual([])
    expect((await teamKeys(colleague, '/api/keys/all')).status).toBe(403)
    expect((await teamKeys(colleague, `/api/keys/${id}`)).status).toBe(404)
    const rotated = await server.call('POST', `/api/keys/${id}/rotate`, { cookie: colleague.cookie, headers: inTeam(), body: {} })
    expect(rotated.status).toBe(403)
  })
})

describe('mail about a key', () => {
  const mails = async () => (await mailsTo(server, account.email)).filter(({ subject }) => subject.includes('API key'))
  const expireIn = (days: number) =>
    server.platform.databases.system
      .updateTable('apiKeys')
      .set({
        expiresAt: new Date(Date.now() + days * 86_400_000).toISOString(),
        createdAt: new Date(Date.now() - 90 * 86_400_000).toISOString(),
      })
      .where('id', '=', keyId)
      .execute()

  test('says a week and a day before that it expires, once each', async () => {
    await expireIn(8)
    await tellOfExpiringKeys(server.platform)
    await expireIn(6)
    await Promise.all([tellOfExpiringKeys(server.platform), tellOfExpiringKeys(server.platform)])
    await vi.waitFor(async () => expect(await mails()).toHaveLength(1), { timeout: 5000 })
    await expireIn(0.9)
    await tellOfExpiringKeys(server.platform)
    await tellOfExpiringKeys(server.platform)
    await vi.waitFor(async () => expect(await mails()).toHaveLength(2), { timeout: 5000 })
    for (const { subject } of await mails()) expect(subject).toBe('An API key is about to expire')
  })

  test('says that it leaked', async () => {
    await report({ keys: [account.key] })
    await report({ keys: [account.key] })
    await vi.waitFor(async () => expect(await mails()).toHaveLength(1), { timeout: 5000 })
    const [mail] = await mails()
    expect(mail!.subject).toBe('An API key leaked and was switched off')
    expect(JSON.stringify(mail)).not.toContain(account.key)
  })
})
