import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forgetKeysOf } from '../../server/identity/auth/key-cache.ts'
import { startTestServer, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

const create = (cookie: string, body: Record<string, unknown>) => server.call('POST', '/api/keys', { cookie, body })

test('a key is shown once and only its hash is kept', async () => {
  const { cookie, id } = await server.createAccount()
  const created = await create(cookie, { name: 'Ferry bot' })
  expectContract('createApiKey', created)
  expect(created.body.key).toMatch(/^sk_[0-9A-Za-z]{49}$/)
  expect(created.body.keyPreview).toBe(`${created.body.key.slice(0, 10)}...`)
  const listed = await server.call('GET', '/api/keys', { cookie })
  expectContract('listApiKeys', listed)
  expect(JSON.stringify(listed.body)).not.toContain(created.body.key)
  const rows = await server.platform.databases.system.selectFrom('apiKeys').selectAll().where('accountId', '=', id).execute()
  expect(JSON.stringify(rows)).not.toContain(created.body.key.slice(10))
})

test('the last use of a key is null before its first call', async () => {
  const { cookie } = await server.createAccount()
  const { id, key } = (await create(cookie, { name: 'Ferry bot' })).body
  const lastUsed = async () => (await server.call('GET', `/api/keys/${id}`, { cookie })).body.lastUsed
  expect(await lastUsed()).toBeNull()
  await server.call('GET', '/api/agents', { key })
  expect(Math.abs(Date.parse(await lastUsed()) - Date.now())).toBeLessThan(60_000)
})

test('the eleventh key is refused with the count and the limit', async () => {
  const { cookie } = await server.createAccount()
  for (let count = 2; count <= 10; count++) expect((await create(cookie, { name: `Key ${count}` })).status).toBe(201)
  const eleventh = await create(cookie, { name: 'Key 11' })
  expect(eleventh).toMatchObject({ status: 429, body: { code: 'API_KEY_LIMIT_REACHED', current: 10, limit: 10 } })
  expectContract('createApiKey', eleventh)
  expect((await server.call('GET', '/api/keys', { cookie })).body.keys).toHaveLength(10)
})

test('of several calls at the same moment only as many make a key as there are places', async () => {
  const { cookie } = await server.createAccount()
  for (let count = 2; count <= 8; count++) await create(cookie, { name: `Key ${count}` })
  const answers = await Promise.all([1, 2, 3, 4].map((count) => create(cookie, { name: `Last ${count}` })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 429, 429])
})

test('a deleted key stops working at once, and can be deleted once', async () => {
  const { cookie } = await server.createAccount()
  const { id, key } = (await create(cookie, { name: 'Ferry bot' })).body
  expect((await server.call('GET', '/api/settings', { key })).status).toBe(200)
  expectContract('deleteApiKey', await server.call('DELETE', `/api/keys/${id}`, { cookie }))
  expect((await server.call('GET', '/api/settings', { key })).status).toBe(401)
  const again = await server.call('DELETE', `/api/keys/${id}`, { cookie })
  expect(again.status).toBe(404)
  expectContract('deleteApiKey', again)
})

test('an expired key stops working', async () => {
  const { cookie, id: accountId } = await server.createAccount()
  const { id, key } = (await create(cookie, { name: 'Ferry bot', expiresAt: '2999-01-01T00:00:00Z' })).body
  expect((await server.call('GET', '/api/settings', { key })).status).toBe(200)
  await server.platform.databases.system
    .updateTable('apiKeys')
    .set({ expiresAt: new Date(0).toISOString() })
    .where('id', '=', id)
    .execute()
  forgetKeysOf(server.platform, accountId)
  expect(await server.call('GET', '/api/settings', { key })).toMatchObject({ status: 401, body: { error: 'The API key has expired.' } })
})

test('what another server does to a key is heard from the database', async () => {
  const { cookie } = await server.createAccount()
  const { id, key } = (await create(cookie, { name: 'Ferry bot' })).body
  expect((await server.call('GET', '/api/settings', { key })).status).toBe(200)
  await server.platform.databases.system.deleteFrom('apiKeys').where('id', '=', id).execute()
  await vi.waitFor(async () => expect((await server.call('GET', '/api/settings', { key })).status).toBe(401), {
    timeout: 2000,
    interval: 5,
  })
})

test('a key made for the past, or for no scope at all, is refused by the name of the field', async () => {
  const { cookie } = await server.createAccount()
  const past = await create(cookie, { name: 'Ferry bot', expiresAt: '2001-01-01T00:00:00Z' })
  expect(past).toMatchObject({ status: 400, body: { fields: [{ field: 'expiresAt' }] } })
  const scopeless = await create(cookie, { name: 'Ferry bot', scopes: [] })
  expect(scopeless).toMatchObject({ status: 400, body: { fields: [{ field: 'scopes' }] } })
})

test('a good key sent in the body is described', async () => {
  const { key, id, email } = await server.createAccount()
  const checked = await server.call('POST', '/api/keys/validate', { body: { apiKey: key } })
  expectContract('validateApiKey', checked)
  expect(checked.body).toMatchObject({ valid: true, userId: id, email, plan: 'network', subscriptionStatus: 'active' })
})

test.each(['sk_unknown', 'no key at all'])('a key that is not good (%s) is marked as not valid', async (apiKey) => {
  const inBody = await server.call('POST', '/api/keys/validate', { body: { apiKey } })
  const asBearer = await server.call('POST', '/api/validate-key', { key: apiKey })
  for (const answer of [inBody, asBearer]) expect(answer).toMatchObject({ status: 401, body: { valid: false } })
  expectContract('validateApiKey', inBody)
  expectContract('validateBearerKey', asBearer)
})

test('a bearer check without a bearer key is marked as not valid, signed in or not', async () => {
  const { cookie } = await server.createAccount()
  for (const caller of [{}, { cookie }]) {
    const answer = await server.call('POST', '/api/validate-key', caller)
    expect(answer).toMatchObject({ status: 401, body: { valid: false } })
    expectContract('validateBearerKey', answer)
  }
})
