import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  account = await server.createAccount()
})

const signIn = (email: string, password: string) => server.call('POST', '/api/auth/login', { body: { email, password } })
const isSignedIn = async (headers: Record<string, string>) =>
  (await server.call('GET', '/api/auth/session', { headers })).body.user !== null

describe('passwords and addresses', () => {
  const composed = 'p\u00E4ssw\u00F6rter'
  const decomposed = composed.normalize('NFD')

  test.each([
    [composed, decomposed],
    [decomposed, composed],
  ])('fit however their accents are written: registered %j, signed in with %j', async (registered, typed) => {
    const email = `accents${registered.length}@example.org`
    expect((await server.call('POST', '/api/register', { body: { email, password: registered } })).status).toBeLessThan(300)
    expect((await signIn(email, typed)).status).toBe(200)
    expect((await signIn(email, registered)).status).toBe(200)
    expect((await signIn(email, `${typed}x`)).status).toBe(401)
  })

  test('that were hashed as they were typed go on working', async () => {
    const { system } = server.platform.databases
    await system
      .updateTable('passwords')
      .set({ hash: await hash(decomposed) })
      .where('userId', '=', account.id)
      .execute()
    expect((await signIn(account.email, decomposed)).status).toBe(200)
    expect((await signIn(account.email, composed)).status).toBe(200)
  })

  test('have no spaces around them, and any case', async () => {
    const registered = await server.call('POST', '/api/register', { body: { email: '  Spaced@Example.org ', password: 'correct horse' } })
    expect(registered.body.email).toBe('Spaced@Example.org')
    expect((await signIn(' spaced@example.ORG\t', 'correct horse')).status).toBe(200)
    const again = await server.call('POST', '/api/register', { body: { email: 'spaced@example.org ', password: 'correct horse' } })
    expect(again.status).toBe(409)
  })
})

describe('two session cookies', () => {
  const ended = 'agentbot-session=nosuchsession'

  test('of which one has ended sign in by the other, in either order', async () => {
    for (const cookie of [`${ended}; ${account.cookie}`, `${account.cookie}; ${ended}`]) {
      expect(await isSignedIn({ cookie })).toBe(true)
      expect((await server.call('GET', '/api/settings', { headers: { cookie } })).body.id).toBe(account.id)
    }
  })

  test('are not too many: only the first few are looked at', async () => {
    const many = Array.from({ length: 10 }, (_, index) => `agentbot-session=none${index}`)
    expect(await isSignedIn({ cookie: [...many, account.cookie].join('; ') })).toBe(false)
  })

  test('are both signed out', async () => {
    const other = await server.createAccount()
    await server.call('POST', '/api/auth/signout', { cookie: `${account.cookie}; ${other.cookie}` })
    for (const { cookie } of [account, other]) expect(await isSignedIn({ cookie })).toBe(false)
  })
})

test('signing out with a key and a cookie ends the session of the cookie, and not the key', async () => {
  const { key, cookie } = account
  expect((await server.call('POST', '/api/auth/signout', { key, cookie })).status).toBe(200)
  expect(await isSignedIn({ cookie })).toBe(false)
  expect((await server.call('GET', '/api/settings', { key })).status).toBe(200)
})

describe('the last use of a key', () => {
  const lastUsed = async () => (await server.call('GET', '/api/keys', { cookie: account.cookie })).body.keys[0].lastUsed

  test('is not that somebody checked it, in the body or as a bearer token', async () => {
    const { key } = account
    expect((await server.call('POST', '/api/keys/validate', { body: { apiKey: key } })).status).toBe(200)
    expect((await server.call('POST', '/api/validate-key', { key })).status).toBe(200)
    expect(await lastUsed()).toBeNull()
  })

  test.each([
    ['REST', () => server.call('GET', '/api/settings', { key: account.key })],
    ['GraphQL', () => server.graphql('{ me { id } }', {}, { key: account.key })],
    ['tRPC', () => server.trpc({ key: account.key }).agents.list.query({})],
  ])('is a call over %s', async (_transport, call) => {
    await call()
    expect(await lastUsed()).not.toBeNull()
  })
})
