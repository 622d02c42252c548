import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Authenticator, Deviation } from '../../fakes/authenticator.ts'
import { registerPasskey } from '../../helpers/passkeys.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())
beforeEach(async () => void (account = await server.createAccount()))

const passkeysOf = ({ cookie } = account) => server.trpc({ cookie }).passkeys.list.query({})

describe('a passkey signs in', () => {
  let authenticator: Authenticator
  beforeEach(async () => void (authenticator = await registerPasskey(server, account)))

  const start = async (body: object = {}) => (await server.call('POST', '/api/passkey/auth/options', { body })).body
  const signIn = (response: unknown, challenge: string) =>
    server.call('POST', '/api/passkey/auth/verify', { body: { response, challenge } })
  /** What a device answers that found out by itself whose passkey it is. */
  const answerOf = (options: Record<string, unknown>, deviation: Deviation = {}, user = account.id) => {
    const answer = JSON.parse(authenticator.get(options, deviation))
    return { ...answer, response: { ...answer.response, userHandle: Buffer.from(user).toString('base64url') } }
  }
  const whoIs = async (answer: Answer) => {
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!
    return (await server.call('GET', '/api/auth/session', { cookie })).body.user.id
  }

  test('of a person who is named, in any case', async () => {
    for (const identifier of [account.email, account.email.toUpperCase()]) {
      const { options, challenge } = await start({ identifier })
      expect(options).toEqual({
        rpId: 'localhost',
        challenge: Buffer.from(challenge.slice(2), 'hex').toString('base64url'),
        allowCredentials: [{ id: authenticator.credentialId, type: 'public-key', transports: ['internal'] }],
        timeout: 300_000,
        userVerification: 'required',
      })
      const answer = await signIn(JSON.parse(authenticator.get(options)), challenge)
      expect(answer).toMatchObject({ status: 200, body: { ok: true } })
      expect(await whoIs(answer)).toBe(account.id)
    }
    expect(await passkeysOf()).toMatchObject([{ lastUsed: expect.any(String) }])
  })

  test('without a name', async () => {
    const { options, challenge } = await start()
    expect(options.allowCredentials ?? []).toEqual([])
    const answer = await signIn(answerOf(options), challenge)
    expect(answer.status).toBe(200)
    expect(await whoIs(answer)).toBe(account.id)
  })

  test('over tRPC and GraphQL too', async () => {
    const trpc = server.trpc()
    const { options, challenge } = await trpc.passkeys.startSignIn.mutate({})
    expect(await trpc.passkeys.signIn.mutate({ response: answerOf(options), challenge })).toMatchObject({ id: account.id })
    const started = (await server.graphql('mutation { startPasskeySignIn { options challenge } }')).body.data.startPasskeySignIn
    const variables = { response: answerOf(started.options), challenge: started.challenge }
    const mutation =
      'mutation ($response: JSON!, $challenge: String!) { signInWithPasskey(response: $response, challenge: $challenge) { id } }'
    expect((await server.graphql(mutation, variables)).body.data.signInWithPasskey).toEqual({ id: account.id })
  })

  test('but nobody who has none, and nobody there is not', async () => {
    const other = await server.createAccount()
    for (const identifier of [other.email, 'nobody@example.org'])
      expect(await server.call('POST', '/api/passkey/auth/options', { body: { identifier } })).toMatchObject({
        status: 404,
        body: { code: 'PASSKEY_NOT_FOUND' },
      })
  })

  test.each<[string, Deviation, RegExp]>([
    ['with another challenge', { challenge: Buffer.from('another').toString('base64url') }, /challenge/],
    ['made on another site', { origin: 'https://evil.example.net' }, /origin/],
    ['made for another site', { rpId: 'evil.example.net' }, /RP ID/],
    ['by a user who was not verified', { isUserVerified: false }, /user/i],
    ['that is a registration', { type: 'webauthn.create' }, /type/],
  ])('but not with an answer %s', async (_what, deviation, reason) => {
    const { options, challenge } = await start()
    const answer = await signIn(answerOf(options, deviation), challenge)
    expect(answer).toMatchObject({ status: 401, body: { code: 'PASSKEY_REFUSED', error: expect.stringMatching(reason) } })
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test('but not when it is copied: its counter goes back, or stands still', async () => {
    const first = await start()
    expect((await signIn(answerOf(first.options, { counter: 9 }), first.challenge)).status).toBe(200)
    for (const counter of [8, 9]) {
      const { options, challenge } = await start()
      expect(await signIn(answerOf(options, { counter }), challenge)).toMatchObject({
        status: 401,
        body: { error: expect.stringMatching(/counter/) },
      })
    }
  })

  test('but not twice with one challenge, nor with one that has expired or was given out for something else', async () => {
    const { options, challenge } = await start()
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(answerOf(options), challenge)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400])
    const unknown = { status: 400, body: { code: 'CHALLENGE_UNKNOWN' } }
    const late = await start()
    const expiresAt = new Date(Date.now() - 1000).toISOString()
    await server.platform.databases.system.updateTable('oneTimeTokens').set({ expiresAt }).execute()
    expect(await signIn(answerOf(late.options), late.challenge)).toMatchObject(unknown)
    const registration = (await server.call('POST', '/api/passkey/register/options', { cookie: account.cookie })).body
    expect(await signIn(answerOf(registration.options), registration.challenge)).toMatchObject(unknown)
  })

  test('but not for somebody else: the one who was named, or the one the device names', async () => {
    const other = await server.createAccount()
    await registerPasskey(server, other)
    const named = await start({ identifier: other.email })
    expect(await signIn(JSON.parse(authenticator.get(named.options)), named.challenge)).toMatchObject({
      status: 401,
      body: { error: expect.stringMatching(/not of the person who was named/) },
    })
    const { options, challenge } = await start()
    expect(await signIn(answerOf(options, {}, other.id), challenge)).toMatchObject({
      status: 401,
      body: { error: expect.stringMatching(/somebody else/) },
    })
  })

  test('but not once it was removed', async () => {
    const [passkey] = await passkeysOf()
    await server.trpc({ cookie: account.cookie }).passkeys.remove.mutate({ passkeyId: passkey!.id })
    const { options, challenge } = await start()
    expect(await signIn(answerOf(options), challenge)).toMatchObject({ status: 404, body: { code: 'PASSKEY_NOT_FOUND' } })
  })
})
