import { afterAll, beforeAll, expect, test } from 'vitest'
import { markEmailVerified } from '../../server/identity/accounts/accounts.service.ts'
import { LONG_AGO, setAccount } from '../helpers/set-account.ts'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'
import { withEnv } from './with-env.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

const signIn = (email: string, password: string) => server.call('POST', '/api/auth/login', { body: { email, password } })
const sessionOf = (cookie: string) => server.call('GET', '/api/auth/session', { cookie })

test('registering starts a trial, does not sign in, and calls the account by its email when it has no name', async () => {
  const registered = await server.call('POST', '/api/register', { body: { email: 'Ines@Example.org', password: 'old-harbour-light' } })
  expectContract('registerAccount', registered)
  expect(registered.body).toMatchObject({ email: 'Ines@Example.org', name: 'Ines@Example.org' })
  expect(registered.headers.has('set-cookie')).toBe(false)
})

test('an email can be registered once, in whatever case', async () => {
  const { email, password } = await server.createAccount()
  const again = await server.call('POST', '/api/register', { body: { email: email.toUpperCase(), password } })
  expect(again.status).toBe(409)
  expectContract('registerAccount', again)
})

test('two registrations of one email at the same moment make one account', async () => {
  const body = { email: 'race@example.org', password: 'old-harbour-light' }
  const answers = await Promise.all([1, 2, 3].map(() => server.call('POST', '/api/register', { body })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
})

test('whoever fills in the field that people do not see is taken for a bot', async () => {
  const body = { email: 'bot@example.org', password: 'old-harbour-light', website: 'https://example.org' }
  const answer = await server.call('POST', '/api/register', { body })
  expect(answer.status).toBe(403)
  expectContract('registerAccount', answer)
})

test('a referral code gives credit to both sides once the address is verified, in whatever case', async () => {
  const referrer = await server.createAccount()
  const { referralCode } = (await server.call('GET', '/api/settings', referrer)).body
  const referred = await server.createAccount({ referralCode: referralCode.toLowerCase() })
  const creditsOf = async (account: TestAccount) => {
    const profile = await server.call('GET', '/api/settings', account)
    expectContract('getProfile', profile)
    return profile.body.credits
  }
  for (const account of [referrer, referred]) expect(await creditsOf(account)).toBe(0)
  await markEmailVerified(server.platform, referred.email)
  for (const account of [referrer, referred]) expect(await creditsOf(account)).toBe(10)
})

test('an unknown referral code is refused by name', async () => {
  const body = { email: 'nobody-knows@example.org', password: 'old-harbour-light', referralCode: 'NOSUCH' }
  const answer = await server.call('POST', '/api/register', { body })
  expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'referralCode' }] } })
})

test('signing in does not tell a wrong password from an unknown email', async () => {
  const { email } = await server.createAccount()
  const [wrong, unknown] = [await signIn(email, 'not the password'), await signIn('stranger@example.org', 'not the password')]
  expect(wrong).toMatchObject({ status: 401, body: unknown.body })
  expectContract('signIn', wrong)
  expect(wrong.headers.has('set-cookie')).toBe(false)
})

test('the session cookie lasts 30 days and cannot be read by scripts', async () => {
  const { email, password } = await server.createAccount()
  const cookie = (await signIn(email, password)).headers.get('set-cookie')
  expect(cookie).toMatch(/^agentbot-session=[^;]+/)
  for (const attribute of ['Path=/', 'HttpOnly', 'SameSite=Lax', 'Max-Age=2592000']) expect(cookie).toContain(attribute)
})

test('a signed-out cookie stops working at once, and signing out clears it', async () => {
  const { cookie } = await server.createAccount()
  expect((await sessionOf(cookie)).body.user).not.toBeNull()
  const answer = await server.call('POST', '/api/auth/signout', { cookie })
  expectContract('signOut', answer)
  expect(answer.headers.get('set-cookie')).toMatch(/^agentbot-session=;.*Max-Age=0/)
  expect((await sessionOf(cookie)).body).toEqual({ user: null })
  expect((await server.call('GET', '/api/settings', { cookie })).status).toBe(401)
})

test('the session of a key and of a cookie names the same user; of nobody, and of a bad credential, null', async () => {
  const { id, email, key, cookie } = await server.createAccount()
  for (const caller of [{ key }, { cookie }]) {
    const session = await server.call('GET', '/api/auth/session', caller)
    expectContract('getSession', session)
    expect(session.body.user).toMatchObject({ id, email, isAdmin: false })
  }
  for (const caller of [{}, { key: 'sk_bad' }, { cookie: 'agentbot-session=bad' }]) {
    expect((await server.call('GET', '/api/auth/session', caller)).body).toEqual({ user: null })
  }
})

test('a session with the password can change the email, which has to be free', async () => {
  const [account, other] = [await server.createAccount(), await server.createAccount()]
  const { cookie, password: currentPassword } = account
  const change = (body: object) => server.call('POST', '/api/settings', { cookie, body })
  const taken = await change({ email: other.email.toUpperCase(), currentPassword })
  expect(taken.status).toBe(409)
  expectContract('updateProfile', taken)
  const changed = await change({ email: 'moved@example.org', currentPassword })
  expect(changed.body.email).toBe('moved@example.org')
  expect((await signIn('moved@example.org', account.password)).status).toBe(200)
})

test('a session alone cannot change the email', async () => {
  const { cookie, email } = await server.createAccount()
  const change = (body: object) => server.call('POST', '/api/settings', { cookie, body })
  const without = await change({ name: 'New', email: 'taken-over@example.org' })
  expect(without).toMatchObject({ status: 400, body: { fields: [{ field: 'currentPassword' }] } })
  expectContract('updateProfile', without)
  const wrong = await change({ name: 'New', email: 'taken-over@example.org', currentPassword: 'a guess' })
  expect(wrong).toMatchObject({ status: 401, body: { code: 'WRONG_PASSWORD' } })
  expect((await server.call('GET', '/api/settings', { cookie })).body).toMatchObject({ email, name: expect.stringMatching(/^User/) })
  // What stays as it is, is not asked for.
  expect(await change({ name: 'New', email })).toMatchObject({ status: 200, body: { email, name: 'New' } })
})

test('a key that may not read the account is not told the email', async () => {
  const { cookie, email } = await server.createAccount()
  const create = async (scopes: string[]) => (await server.call('POST', '/api/keys', { cookie, body: { name: 'k', scopes } })).body.key
  const [reader, other] = [await create(['account:read']), await create(['agents:read', 'account:write'])]
  const seen = async (key: string) =>
    JSON.stringify([
      await server.call('GET', '/api/auth/session', { key }),
      await server.call('POST', '/api/keys/validate', { body: { apiKey: key } }),
      await server.call('POST', '/api/validate-key', { key }),
      await server.graphql('{ session { user { email } } }', {}, { key }),
    ])
  expect((await seen(reader)).split(email)).toHaveLength(5)
  expect(await seen(other)).not.toContain(email)
})

test('an API key cannot change the email, only the name', async () => {
  const { key, email } = await server.createAccount()
  const refused = await server.call('POST', '/api/settings', { key, body: { name: 'New', email: 'taken-over@example.org' } })
  expect(refused.status).toBe(403)
  expectContract('updateProfile', refused)
  expect((await server.call('GET', '/api/settings', { key })).body).toMatchObject({ email, name: expect.stringMatching(/^User/) })
  expect((await server.call('POST', '/api/settings', { key, body: { name: 'New' } })).body).toMatchObject({ email, name: 'New' })
})

test('notification settings come back as they were stored', async () => {
  const { key } = await server.createAccount()
  const notifications = { weeklyReport: true, quiet: { from: 22, days: ['sat', 'sun'] }, snake_case: null }
  const patched = await server.call('PATCH', '/api/settings', { key, body: { notifications } })
  expectContract('patchProfile', patched)
  expect(patched.body.notifications).toEqual(notifications)
  expect((await server.call('GET', '/api/settings', { key })).body.notifications).toEqual(notifications)
})

test('changing the password needs the current one', async () => {
  const { cookie, email, password } = await server.createAccount()
  const body = { currentPassword: 'not the password', newPassword: 'new-harbour-light' }
  const answer = await server.call('POST', '/api/settings/password', { cookie, body })
  expect(answer.status).toBe(401)
  expectContract('changePassword', answer)
  expect((await signIn(email, password)).status).toBe(200)
})

test('a changed password replaces the old one and ends all other sessions', async () => {
  const { cookie, email, password } = await server.createAccount()
  const elsewhere = (await signIn(email, password)).headers.get('set-cookie')!.split(';')[0]!
  const body = { currentPassword: password, newPassword: 'new-harbour-light' }
  expectContract('changePassword', await server.call('POST', '/api/settings/password', { cookie, body }))
  expect((await sessionOf(cookie)).body.user).not.toBeNull()
  expect((await sessionOf(elsewhere)).body.user).toBeNull()
  expect((await signIn(email, password)).status).toBe(401)
  expect((await signIn(email, 'new-harbour-light')).status).toBe(200)
})

test('the trial is never refused', async () => {
  for (const caller of [{}, { key: 'sk_bad' }, { key: 'no key' }, { cookie: 'agentbot-session=bad' }]) {
    const answer = await server.call('GET', '/api/trial', caller)
    expect(answer).toMatchObject({ status: 200, body: { trial: false } })
    expectContract('getTrial', answer)
  }
})

test('a new account of a server that asks for money has seven days of trial', async () => {
  const { key, id } = await server.createAccount()
  await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
    const running = await server.call('GET', '/api/trial', { key })
    expectContract('getTrial', running)
    expect(running.body).toMatchObject({ trial: true, expired: false, daysLeft: 7, plan: 'free' })
    await setAccount(server, id, { trialEndsAt: LONG_AGO })
    const over = await server.call('GET', '/api/trial', { key })
    expect(over.body).toMatchObject({ trial: true, expired: true, daysLeft: 0, endsAt: '1970-01-01T00:00:00.000Z' })
  })
})
