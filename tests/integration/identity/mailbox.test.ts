import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSession } from '../../../server/identity/auth/sessions.ts'
import { markEmailVerified } from '../../../server/identity/accounts/accounts.service.ts'
import { issueOneTimeToken } from '../../../server/identity/auth/index.ts'
import { insertIdentity } from '../../../server/identity/identities/index.ts'
import { mailsTo, tokenIn, waitForMails, waitForQueue } from '../../helpers/outbox.ts'
import { registerPasskey } from '../../helpers/passkeys.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const post = (path: string, body: unknown, cookie?: string) => server.call('POST', path, { body, ...(cookie ? { cookie } : {}) })
const forgot = (email: string) => post('/api/auth/forgot-password', { email })
const reset = (token: string, password = 'another harbour light') => post('/api/auth/reset-password', { token, password })
const signIn = (email: string, password: string) => post('/api/auth/login', { email, password })
const isSignedIn = async (cookie: string) => (await server.call('GET', '/api/settings', { cookie })).status === 200
const isGoodKey = async (key: string) => (await server.call('GET', '/api/settings', { key })).status === 200
const isVerified = async ({ id }: TestAccount) =>
  (await server.platform.databases.system.selectFrom('users').where('id', '=', id).select('emailVerifiedAt').executeTakeFirstOrThrow())
    .emailVerifiedAt !== null

/** An account whose address was verified, with the mails it got so far. */
async function createVerified(): Promise<TestAccount> {
  const account = await server.createAccount()
  await markEmailVerified(server.platform, account.email)
  await waitForMails(server, account.email, 1)
  return account
}

async function askForReset({ email }: TestAccount): Promise<string> {
  const before = (await mailsTo(server, email)).length
  expect(await forgot(email)).toMatchObject({ status: 200, body: { message: 'Look in your inbox if you have an account here.' } })
  return tokenIn((await waitForMails(server, email, before + 1)).at(-1)!)
}

describe('a forgotten password', () => {
  test('is replaced by whoever has the link from the mailbox, once', async () => {
    const account = await createVerified()
    const token = await askForReset(account)
    expect(await reset(token)).toMatchObject({ status: 200, headers: expect.anything() })
    expect(await signIn(account.email, 'another harbour light')).toMatchObject({ status: 200 })
    expect(await signIn(account.email, account.password)).toMatchObject({ status: 401 })
    expect(await reset(token, 'a third harbour light')).toMatchObject({ status: 400, body: { code: 'LINK_NOT_GOOD' } })
  })

  test('once only, also for those who use the link at the same moment', async () => {
    const token = await askForReset(await createVerified())
    const answers = await Promise.all([1, 2, 3, 4].map((number) => reset(token, `harbour light ${number}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400])
  })

  test('signs nobody in, ends all sessions, voids other links and is told to the owner; keys of who is known stay', async () => {
    const account = await createVerified()
    const first = await askForReset(account)
    const second = await askForReset(account)
    const answer = await reset(second)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await isSignedIn(account.cookie)).toBe(false)
    expect(await isGoodKey(account.key)).toBe(true)
    expect(await reset(first)).toMatchObject({ status: 400, body: { code: 'LINK_NOT_GOOD' } })
    expect((await waitForMails(server, account.email, 4)).map(({ subject }) => subject)).toEqual([
      'Confirm your address',
      'Choose a new password',
      'Choose a new password',
      'Your password was changed',
    ])
  })

  test('of an address nobody has is answered alike, and nothing is sent', async () => {
    expect(await forgot('nobody-at-all@example.org')).toMatchObject({
      status: 200,
      body: { message: 'Look in your inbox if you have an account here.' },
    })
    await waitForQueue(server)
    expect(await mailsTo(server, 'nobody-at-all@example.org')).toEqual([])
  })

  test('fills nobody’s mailbox: three links are good at a time', async () => {
    const account = await createVerified()
    for (let count = 0; count < 5; count++) await forgot(account.email)
    await waitForQueue(server)
    expect(await mailsTo(server, account.email)).toHaveLength(4)
  })

  test('needs a link that has not expired, is of this kind, and of the address the account has now', async () => {
    const account = await createVerified()
    const { system } = server.platform.databases
    const token = (purpose: string, email: string, seconds: number) =>
      issueOneTimeToken(system, { purpose, userId: account.id, data: { email }, seconds })
    for (const bad of [
      await token('reset-password', account.email, 0),
      await token('verify-email', account.email, 60),
      await token('reset-password', 'earlier@example.org', 60),
      'x',
    ])
      expect(await reset(bad)).toMatchObject({ status: 400, body: { code: 'LINK_NOT_GOOD', error: expect.stringContaining('token') } })
    expect(await reset(await token('reset-password', account.email, 60), 'short')).toMatchObject({ status: 400 })
  })

  test('is not replaced by a GET, whoever opens the link', async () => {
    const token = await askForReset(await createVerified())
    expect(await server.call('GET', `/api/auth/reset-password?token=${token}&password=opened-by-a-scanner`)).toMatchObject({ status: 405 })
    expect(await reset(token)).toMatchObject({ status: 200 })
  })

  test('of an account somebody else made with the address leaves them no way in', async () => {
    const account = await server.createAccount()
    await registerPasskey(server, account)
    const issuer = 'https://issuer.example'
    await insertIdentity(server.platform.databases.system, { issuer, subject: 'theirs', userId: account.id, label: 'theirs' })
    await waitForMails(server, account.email, 1)
    const another = (
      await startSession(server.platform, account.id, { method: 'oauth', secondFactor: false, ip: '', userAgent: null })
    ).split(';')[0]!
    expect(await reset(await askForReset(account))).toMatchObject({ status: 200 })
    expect([await isSignedIn(account.cookie), await isSignedIn(another), await isGoodKey(account.key)]).toEqual([false, false, false])
    expect(await signIn(account.email, account.password)).toMatchObject({ status: 401 })
    for (const table of ['passkeys', 'identities', 'sessions', 'oneTimeTokens'] as const)
      expect(await server.platform.databases.system.selectFrom(table).where('userId', '=', account.id).selectAll().execute()).toEqual([])
    expect(await isVerified(account)).toBe(true)
    expect(await signIn(account.email, 'another harbour light')).toMatchObject({ status: 200 })
  })
})

describe('the address of an account', () => {
  const verify = (token: string, cookie?: string) => post('/api/auth/verify-email', { token }, cookie)

  test('is verified by the link that was mailed to it', async () => {
    const account = await server.createAccount()
    const [mail] = await waitForMails(server, account.email, 1)
    expect(await verify(tokenIn(mail!), account.cookie)).toMatchObject({ status: 200, body: { message: 'Your address is confirmed.' } })
    expect(await isVerified(account)).toBe(true)
    expect(await verify(tokenIn(mail!), account.cookie)).toMatchObject({ status: 400, body: { code: 'LINK_NOT_GOOD' } })
  })

  test('is not verified for somebody who made the account with it, by who opens the mail', async () => {
    const account = await server.createAccount()
    const [mail] = await waitForMails(server, account.email, 1)
    const owner = await server.createAccount()
    expect(await verify(tokenIn(mail!))).toMatchObject({ status: 401 })
    expect(await verify(tokenIn(mail!), owner.cookie)).toMatchObject({ status: 403, body: { code: 'LINK_OF_SOMEBODY_ELSE' } })
    expect(await isVerified(account)).toBe(false)
  })

  test('gets another link when asked for, a few at a time', async () => {
    const account = await server.createAccount()
    const again = () => post('/api/auth/send-verification', {}, account.cookie)
    expect([(await again()).status, (await again()).status]).toEqual([200, 200])
    expect(await again()).toMatchObject({ status: 429, body: { code: 'TOO_MANY_LINKS' } })
    const mails = await waitForMails(server, account.email, 3)
    expect(await verify(tokenIn(mails[1]!), account.cookie)).toMatchObject({ status: 200 })
    expect(await again()).toMatchObject({ status: 409, body: { code: 'EMAIL_ALREADY_VERIFIED' } })
    expect(await verify(tokenIn(mails[2]!), account.cookie)).toMatchObject({ status: 400 })
  })

  test('is verified anew when it changes: the new one is asked, the old one is told, and its links are void', async () => {
    const account = await createVerified()
    const oldReset = await askForReset(account)
    const email = `new-${account.email}`
    const changed = await server.call('POST', '/api/settings', {
      cookie: account.cookie,
      body: { email, currentPassword: account.password },
    })
    expect(changed).toMatchObject({ status: 200, body: { email } })
    expect(await isVerified(account)).toBe(false)
    const [asked] = await waitForMails(server, email, 1)
    expect(asked!.subject).toBe('Confirm your address')
    expect((await waitForMails(server, account.email, 3)).at(-1)!.subject).toBe('Your account has another address now')
    expect(await reset(oldReset)).toMatchObject({ status: 400 })
    expect(await verify(tokenIn(asked!), account.cookie)).toMatchObject({ status: 200 })
    expect(await isVerified(account)).toBe(true)
  })

  test('that was never verified is not told of a change, and one written in capitals is the same', async () => {
    const account = await server.createAccount()
    await waitForMails(server, account.email, 1)
    const change = (email: string) =>
      server.call('POST', '/api/settings', { cookie: account.cookie, body: { email, currentPassword: account.password } })
    expect(await change(account.email.toUpperCase())).toMatchObject({ status: 200 })
    expect(await change(`other-${account.email}`)).toMatchObject({ status: 200 })
    await waitForQueue(server)
    expect(await mailsTo(server, account.email)).toHaveLength(1)
    expect(await mailsTo(server, account.email.toUpperCase())).toHaveLength(0)
  })

  test('gets no text that somebody chose who has the account made', async () => {
    const email = `victim-${Date.now()}@example.org`
    await post('/api/register', { email, password: 'correct horse battery', name: 'You won, see evil.example' })
    const [mail] = await waitForMails(server, email, 1)
    expect(JSON.stringify(mail)).not.toContain('evil.example')
  })
})

test('a change of the password is told to the owner', async () => {
  const account = await createVerified()
  const body = { currentPassword: account.password, newPassword: 'another harbour light' }
  expect(await server.call('POST', '/api/settings/password', { cookie: account.cookie, body })).toMatchObject({ status: 200 })
  const mails = await waitForMails(server, account.email, 2)
  expect(mails.at(-1)!.subject).toBe('Your password was changed')
})
