import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { addSecondFactor, AuthenticatorApp } from '../../helpers/totp.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  account = await server.createAccount()
  // Codes change with the time; the middle of one leaves room for the slowest test.
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 30_000) * 30_000 + 15_000 })
})
afterEach(() => void vi.useRealTimers())

const signIn = (more: Record<string, unknown> = {}) =>
  server.call('POST', '/api/auth/login', { body: { email: account.email, password: account.password, ...more } })
const trpc = () => server.trpc({ cookie: account.cookie })
const cookieOf = (headers: Headers) => headers.get('set-cookie')?.split(';')[0]
const isSignedIn = async (cookie: string | undefined) =>
  cookie !== undefined && (await server.call('GET', '/api/auth/session', { headers: { cookie } })).body.user !== null
const profile = async () => (await server.call('GET', '/api/settings', { key: account.key })).body

describe('setting up', () => {
  test('changes nothing until a code of the app was sent', async () => {
    const { secret, uri, qrCode } = await trpc().secondFactor.begin.mutate({})
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    expect(Buffer.from(qrCode.split(',')[1]!, 'base64').toString()).toMatch(/^<svg /)
    expect((await signIn()).status).toBe(200)
    await expect(trpc().secondFactor.activate.mutate({ code: new AuthenticatorApp(secret).wrongCode() })).rejects.toThrow('code is wrong')
    expect((await profile()).twoFactorEnabled).toBe(false)
  })

  test('gives ten recovery codes, and shows in the profile', async () => {
    const { recoveryCodes } = await addSecondFactor(server, account)
    expect(recoveryCodes).toHaveLength(10)
    expect((await profile()).twoFactorEnabled).toBe(true)
    expect(await trpc().secondFactor.status.query()).toMatchObject({ isActive: true, recoveryCodesLeft: 10, isLocked: false })
  })

  test('starts over with another secret, of which only the last one counts', async () => {
    const first = new AuthenticatorApp((await trpc().secondFactor.begin.mutate({})).secret)
    await trpc().secondFactor.begin.mutate({})
    await expect(trpc().secondFactor.activate.mutate({ code: first.code() })).rejects.toThrow('code is wrong')
  })

  test('is not possible over an active one', async () => {
    await addSecondFactor(server, account)
    await expect(trpc().secondFactor.begin.mutate({})).rejects.toThrow('There is a second factor already')
  })

  test('keeps neither the secret nor the codes readable', async () => {
    const { secret } = await trpc().secondFactor.begin.mutate({})
    const { recoveryCodes } = await trpc().secondFactor.activate.mutate({ code: new AuthenticatorApp(secret).code() })
    const { system } = server.platform.databases
    const stored = JSON.stringify([
      await system.selectFrom('secondFactors').selectAll().execute(),
      await system.selectFrom('recoveryCodes').selectAll().execute(),
    ])
    for (const text of [secret, ...recoveryCodes]) expect(stored).not.toContain(text)
  })

  test('needs a fresh sign-in', async () => {
    await server.platform.databases.system
      .updateTable('sessions')
      .set({ authenticatedAt: new Date(Date.now() - 16 * 60_000).toISOString() })
      .where('userId', '=', account.id)
      .execute()
    await expect(trpc().secondFactor.begin.mutate({})).rejects.toMatchObject({ data: { appCode: 'REAUTH_REQUIRED', httpStatus: 403 } })
  })
})

describe('signing in with a password', () => {
  test('asks for a code, and takes it in the same call', async () => {
    const { app } = await addSecondFactor(server, account)
    const asked = await signIn()
    expect(asked).toMatchObject({ status: 401, body: { code: 'TWO_FACTOR_REQUIRED', field: 'code' } })
    expect(asked.headers.get('set-cookie')).toBeNull()
    const answer = await signIn({ code: app.code() })
    expect(answer.status).toBe(200)
    expect(await isSignedIn(cookieOf(answer.headers))).toBe(true)
  })

  test('says nothing about codes while the password is wrong', async () => {
    const { app } = await addSecondFactor(server, account)
    expect((await signIn({ password: 'wrong', code: app.code() })).body.code).toBe('WRONG_CREDENTIALS')
    expect((await signIn({ password: 'wrong' })).body.code).toBe('WRONG_CREDENTIALS')
  })

  test('ignores a code where there is no second factor', async () => {
    expect((await signIn({ code: '123456' })).status).toBe(200)
  })

  test('takes a code once, also of many calls at the same moment', async () => {
    const { app } = await addSecondFactor(server, account)
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn({ code: app.code() })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await signIn({ code: app.code() })).body.code).toBe('WRONG_CODE')
    expect((await signIn({ code: app.code(1) })).status).toBe(200)
    expect((await signIn({ code: app.code() })).body.code).toBe('WRONG_CODE')
  })

  test('takes a recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await addSecondFactor(server, account)
    const typed = recoveryCodes[0]!.toLowerCase().replaceAll('-', ' ')
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn({ code: typed })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await trpc().secondFactor.status.query()).toMatchObject({ recoveryCodesLeft: 9 })
  })
})

describe('the second step of a sign-in', () => {
  const ticketOf = async () => (await signIn()).body.ticket as string
  const complete = (ticket: string, code: string) =>
    server.graphql(`mutation { secondFactorComplete(ticket: "${ticket}", code: "${code}") { id } }`)

  test('takes the ticket of the first one, and a wrong code leaves it good', async () => {
    const { app } = await addSecondFactor(server, account)
    const ticket = await ticketOf()
    expect((await complete(ticket, app.wrongCode())).body.errors[0].extensions.code).toBe('WRONG_CODE')
    const answer = await complete(ticket, app.code())
    expect(answer.body.data.secondFactorComplete.id).toBe(account.id)
    expect(await isSignedIn(cookieOf(answer.headers))).toBe(true)
    const [session] = await trpc().sessions.list.query()
    expect(session).toMatchObject({ method: 'password', hasSecondFactor: true })
  })

  test('is done once', async () => {
    const { app } = await addSecondFactor(server, account)
    const ticket = await ticketOf()
    await complete(ticket, app.code())
    expect((await complete(ticket, app.code(1))).body.errors[0].extensions.code).toBe('SIGN_IN_EXPIRED')
    expect((await complete('nosuchticket', '123456')).body.errors[0].extensions.code).toBe('SIGN_IN_EXPIRED')
  })
})

describe('ten wrong codes in a row', () => {
  const lock = async (app: AuthenticatorApp) => {
    for (let count = 0; count < 10; count++) await signIn({ code: app.wrongCode() })
  }

  test('lock codes of the app, right ones too, and a recovery code ends that', async () => {
    const { app, recoveryCodes } = await addSecondFactor(server, account)
    await lock(app)
    expect((await signIn({ code: app.code() })).body.code).toBe('SECOND_FACTOR_LOCKED')
    expect(await trpc().secondFactor.status.query()).toMatchObject({ isLocked: true })
    expect((await signIn({ code: recoveryCodes[0]! })).status).toBe(200)
    expect((await signIn({ code: app.code() })).status).toBe(200)
  })

  test('are told to the person, once', async () => {
    const { system } = server.platform.databases
    await system.updateTable('users').set({ emailVerifiedAt: new Date().toISOString() }).where('id', '=', account.id).execute()
    const { app } = await addSecondFactor(server, account)
    const outbox = join(server.platform.env.DATA_DIR, 'outbox')
    const mails = async () => {
      const files = await readdir(outbox).catch(() => [])
      const records = files.filter((file) => file.endsWith('.json'))
      const texts = await Promise.all(records.map((file) => readFile(join(outbox, file), 'utf8')))
      return texts.filter((text) => text.includes(account.email) && text.includes('wrong codes'))
    }
    // The queue has the time of the database.
    vi.useRealTimers()
    await lock(app)
    await signIn({ code: app.wrongCode() })
    await expect.poll(mails, { timeout: 10_000 }).toHaveLength(1)
  })

  test('are ten, however many come at the same moment', async () => {
    const { app } = await addSecondFactor(server, account)
    const answers = await Promise.all(Array.from({ length: 15 }, () => signIn({ code: app.wrongCode() })))
    expect(answers.filter(({ body }) => body.code === 'WRONG_CODE')).toHaveLength(10)
    expect(answers.filter(({ body }) => body.code === 'SECOND_FACTOR_LOCKED')).toHaveLength(5)
  })

  test('are not ten when a right one is among them', async () => {
    const { app } = await addSecondFactor(server, account)
    for (let count = 0; count < 9; count++) await signIn({ code: app.wrongCode() })
    expect((await signIn({ code: app.code() })).status).toBe(200)
    for (let count = 0; count < 9; count++) await signIn({ code: app.wrongCode() })
    expect((await signIn({ code: app.code(1) })).status).toBe(200)
  })
})

describe('switching off', () => {
  test('asks for a code', async () => {
    const { app } = await addSecondFactor(server, account)
    await expect(trpc().secondFactor.disable.mutate({ code: app.wrongCode() })).rejects.toThrow('code is wrong')
    await trpc().secondFactor.disable.mutate({ code: app.code() })
    expect((await signIn()).status).toBe(200)
    expect((await profile()).twoFactorEnabled).toBe(false)
  })

  test('and on again starts from nothing: earlier recovery codes are void', async () => {
    const { recoveryCodes } = await addSecondFactor(server, account)
    await trpc().secondFactor.disable.mutate({ code: recoveryCodes[0]! })
    const { app } = await addSecondFactor(server, account)
    expect((await signIn({ code: recoveryCodes[1]! })).status).toBe(401)
    expect((await signIn({ code: app.code() })).status).toBe(200)
  })
})

test('new recovery codes make those before void', async () => {
  const { app, recoveryCodes } = await addSecondFactor(server, account)
  const renewed = await trpc().secondFactor.renewRecoveryCodes.mutate({ code: app.code() })
  expect((await signIn({ code: recoveryCodes[0]! })).status).toBe(401)
  expect((await signIn({ code: renewed.recoveryCodes[0]! })).status).toBe(200)
})

test('a secret that was moved to another person is of no use there', async () => {
  const other = await server.createAccount()
  const { app } = await addSecondFactor(server, account)
  await addSecondFactor(server, other)
  const { system } = server.platform.databases
  const { secret } = await system.selectFrom('secondFactors').where('userId', '=', account.id).select('secret').executeTakeFirstOrThrow()
  await system.updateTable('secondFactors').set({ secret }).where('userId', '=', other.id).execute()
  const answer = await server.call('POST', '/api/auth/login', { body: { email: other.email, password: other.password, code: app.code() } })
  expect(answer.status).toBe(500)
})
