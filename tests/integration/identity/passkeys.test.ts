import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { warnOfStrandedPasskeys } from '../../../server/identity/passkeys/stranded.ts'
import { withEnv } from '../../contract/with-env.ts'
import { createAuthenticator, type Authenticator, type Deviation } from '../../fakes/authenticator.ts'
import { prepareRegistration, registerPasskey, startVerification } from '../../helpers/passkeys.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => void (server = await startTestServer({ DEFAULT_MODEL: 'local/commands' })))
afterAll(() => server.close())
beforeEach(async () => void (account = await server.createAccount()))

const register = (body: unknown, { cookie } = account) => server.call('POST', '/api/passkey/register/verify', { cookie, body })
const passkeysOf = ({ cookie } = account) => server.trpc({ cookie }).passkeys.list.query({})
/** Makes every open challenge of the account one that was given out more than five minutes ago. */
const expireChallenges = (table: 'passkeyChallenges' | 'verificationChallenges') =>
  server.platform.databases.system
    .updateTable(table)
    .set({ expiresAt: new Date(Date.now() - 1000).toISOString() })
    .where(table === 'passkeyChallenges' ? sql.ref('user_id') : sql.ref('account_id'), '=', account.id)
    .execute()

describe('a passkey is registered', () => {
  test('with options made for this site and this account', async () => {
    const { body } = await server.call('POST', '/api/passkey/register/options', { cookie: account.cookie })
    expect(body.options).toMatchObject({
      rp: { id: 'localhost', name: 'Agentbot' },
      user: { id: Buffer.from(account.id).toString('base64url'), name: account.email },
      challenge: Buffer.from(body.challenge.slice(2), 'hex').toString('base64url'),
      excludeCredentials: [],
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
    })
  })

  test('and is then listed, without its key, and excluded from the next registration', async () => {
    const { credentialId } = await registerPasskey(server, account)
    expect(await passkeysOf()).toEqual([
      {
        id: expect.stringMatching(/^pk_/),
        credentialId,
        label: 'Desk key',
        isSynced: false,
        createdAt: expect.any(String),
        lastUsed: null,
      },
    ])
    const { body } = await server.call('POST', '/api/passkey/register/options', { cookie: account.cookie })
    expect(body.options.excludeCredentials).toEqual([{ id: credentialId, type: 'public-key', transports: ['internal'] }])
  })

  test('under the name Passkey when it is given none', async () => {
    const { label: _label, ...body } = await prepareRegistration(server, account)
    expect((await register(body)).body).toEqual({ ok: true })
    expect(await passkeysOf()).toMatchObject([{ label: 'Passkey' }])
  })

  test('over GraphQL too, where it can also be listed and removed', async () => {
    const session = { cookie: account.cookie }
    const started = await server.graphql('mutation { startPasskeyRegistration { options challenge } }', {}, session)
    const { options, challenge } = started.body.data.startPasskeyRegistration
    const variables = { credential: createAuthenticator().create(options), challenge }
    const mutation =
      'mutation ($credential: JSON!, $challenge: String!) { registerPasskey(credential: $credential, challenge: $challenge) { id } }'
    const { id } = (await server.graphql(mutation, variables, session)).body.data.registerPasskey
    expect((await server.graphql('{ passkeys { totalCount edges { node { id label } } } }', {}, session)).body.data.passkeys).toEqual({
      totalCount: 1,
      edges: [{ node: { id, label: 'Passkey' } }],
    })
    await server.graphql('mutation ($id: ID!) { removePasskey(passkeyId: $id) { success } }', { id }, session)
    expect(await passkeysOf()).toEqual([])
  })
})

describe('a registration is refused', () => {
  test.each<[string, Deviation, RegExp]>([
    ['with another challenge', { challenge: Buffer.from('another').toString('base64url') }, /challenge/],
    ['made on another site', { origin: 'https://evil.example.net' }, /origin/],
    ['made for another site', { rpId: 'evil.example.net' }, /RP ID/],
    ['by a user who was not verified', { isUserVerified: false }, /user/i],
    ['that is an assertion', { type: 'webauthn.get' }, /type/],
    ['with a certificate', { format: 'packed', statement: new Map([['x5c', [new Uint8Array([1])]]]) }, /certificate/],
    ['with an attestation of Apple', { format: 'apple' }, /certificate/],
    [
      'with a signature of its own that is wrong',
      {
        format: 'packed',
        statement: new Map<string, unknown>([
          ['alg', -7],
          ['sig', new Uint8Array([1])],
        ]),
      },
      /./,
    ],
  ])('%s', async (_what, deviation, reason) => {
    const { options, challenge } = (await server.call('POST', '/api/passkey/register/options', { cookie: account.cookie })).body
    const answer = await register({ credential: createAuthenticator().create(options, deviation), challenge })
    expect(answer).toMatchObject({ status: 400, body: { code: 'PASSKEY_REFUSED', reason: expect.stringMatching(reason) } })
    expect(await passkeysOf()).toEqual([])
  })

  test.each([
    ['that is empty', { id: 'cred-1' }],
    ['without an attestation', { id: 'cred-1', response: {} }],
    [
      'that cannot be read',
      { id: 'cred-1', rawId: 'cred-1', type: 'public-key', response: { attestationObject: '!', clientDataJSON: '!' } },
    ],
  ])('%s', async (_what, credential) => {
    const { challenge } = await prepareRegistration(server, account)
    expect(await register({ credential, challenge })).toMatchObject({ status: 400, body: { code: 'PASSKEY_REFUSED' } })
  })

  test('when its challenge was used, by a failure too', async () => {
    const body = await prepareRegistration(server, account)
    expect((await register({ ...body, credential: { id: 'cred-1' } })).status).toBe(400)
    expect(await register(body)).toMatchObject({ status: 400, body: { code: 'CHALLENGE_UNKNOWN' } })
  })

  test('when its challenge has expired', async () => {
    const body = await prepareRegistration(server, account)
    await expireChallenges('passkeyChallenges')
    expect(await register(body)).toMatchObject({ status: 400, body: { code: 'CHALLENGE_UNKNOWN' } })
  })

  test('when its challenge is that of another account', async () => {
    const body = await prepareRegistration(server, await server.createAccount())
    expect(await register(body)).toMatchObject({ status: 400, body: { code: 'CHALLENGE_UNKNOWN' } })
  })

  test('when the passkey is registered already, by anybody', async () => {
    const authenticator = await registerPasskey(server, account)
    const other = await server.createAccount()
    for (const caller of [account, other]) {
      const body = await prepareRegistration(server, caller, authenticator)
      expect(await register(body, caller)).toMatchObject({ status: 400, body: { code: 'PASSKEY_KNOWN' } })
    }
    expect(await passkeysOf(other)).toEqual([])
  })

  test('beyond 20 passkeys', async () => {
    for (let count = 0; count < 20; count++) await registerPasskey(server, account)
    expect(await register(await prepareRegistration(server, account))).toMatchObject({
      status: 429,
      body: { code: 'PASSKEY_LIMIT_REACHED', current: 20, limit: 20 },
    })
  })

  test('of one challenge that is sent five times at once, all but the first', async () => {
    const body = await prepareRegistration(server, account)
    const answers = await Promise.all(Array.from({ length: 5 }, () => register(body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400])
  })
})

describe('an agent is verified by a passkey', () => {
  let authenticator: Authenticator
  let agentId: string
  beforeEach(async () => {
    authenticator = await registerPasskey(server, account)
    agentId = (await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Harbour Desk' } })).body.id
  })

  const start = async (id = agentId) => (await startVerification(server, account, id, 'webauthn')).body
  const verify = (signature: string, id = agentId) =>
    server.call('POST', `/api/agents/${id}/verify`, { key: account.key, body: { verificationType: 'webauthn', signature } })
  const isVerified = async (id = agentId) => {
    const { body } = await server.call('GET', `/api/agents/${id}/verify`, { key: account.key })
    const { agent } = (await server.call('GET', `/api/agents/${id}`, { key: account.key })).body
    expect(agent.verified).toBe(body.verified)
    return body.verified
  }
  const expectRefused = async (signature: string, code: string, reason: RegExp = /./) => {
    expect(await verify(signature)).toMatchObject({ status: 400, body: { code, error: expect.stringMatching(reason) } })
    expect(await isVerified()).toBe(false)
  }

  test('that signs its challenge', async () => {
    const { options, message } = await start()
    expect(message).toBeNull()
    expect(options).toMatchObject({
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: [{ id: authenticator.credentialId }],
    })
    const attestationUid = `webauthn:${authenticator.credentialId}`
    const result = await verify(authenticator.get(options))
    expect(result.body).toEqual({
      success: true,
      verified: true,
      verificationType: 'webauthn',
      attestationUid,
      verifiedAt: expect.any(String),
    })
    expect((await server.call('GET', `/api/agents/${agentId}/verification`, { key: account.key })).body).toEqual({
      verified: true,
      verificationType: 'webauthn',
      attestationUid,
      verifierAddress: null,
      verifiedAt: result.body.verifiedAt,
      metadata: { passkey: 'Desk key' },
    })
    expect((await server.call('GET', `/api/agents/${agentId}`, { key: account.key })).body.agent).toMatchObject({
      verified: true,
      verificationType: 'webauthn',
      attestationUid,
      verifiedAt: result.body.verifiedAt,
    })
    expect(await passkeysOf()).toMatchObject([{ lastUsed: expect.any(String) }])
  })

  test('and is no longer once the verification, or the passkey, is removed', async () => {
    await verify(authenticator.get((await start()).options))
    expect((await server.call('DELETE', `/api/agents/${agentId}/verify`, { key: account.key })).body).toEqual({ success: true })
    expect(await isVerified()).toBe(false)
    await verify(authenticator.get((await start()).options))
    expect(await isVerified()).toBe(true)
    const [passkey] = await passkeysOf()
    await server.trpc({ cookie: account.cookie }).passkeys.remove.mutate({ passkeyId: passkey!.id })
    expect(await isVerified()).toBe(false)
  })

  test.each<[string, Deviation, RegExp]>([
    ['with another challenge', { challenge: Buffer.from('another').toString('base64url') }, /challenge/],
    ['made on another site', { origin: 'https://evil.example.net' }, /origin/],
    ['made for another site', { rpId: 'evil.example.net' }, /RP ID/],
    ['by a user who was not verified', { isUserVerified: false }, /user/i],
    ['that is a registration', { type: 'webauthn.create' }, /type/],
  ])('but not by an assertion %s', async (_what, deviation, reason) => {
    await expectRefused(authenticator.get((await start()).options, deviation), 'PASSKEY_REFUSED', reason)
  })

  test('but not by one whose counter goes back, or stands still', async () => {
    await verify(authenticator.get((await start()).options, { counter: 9 }))
    await server.call('DELETE', `/api/agents/${agentId}/verify`, { key: account.key })
    for (const counter of [8, 9]) await expectRefused(authenticator.get((await start()).options, { counter }), 'PASSKEY_REFUSED', /counter/)
    expect((await verify(authenticator.get((await start()).options, { counter: 10 }))).status).toBe(200)
  })

  test('but not by a passkey of another account, nor by one of nobody', async () => {
    const stranger = await registerPasskey(server, await server.createAccount())
    for (const other of [stranger, createAuthenticator()])
      await expectRefused(other.get((await start()).options), 'PASSKEY_REFUSED', /not registered/)
  })

  test('but not when another key signs for it', async () => {
    const { options } = await start()
    const forged = JSON.parse(createAuthenticator().get(options, { counter: 50 }))
    const { credentialId } = authenticator
    await expectRefused(JSON.stringify({ ...forged, id: credentialId, rawId: credentialId }), 'PASSKEY_REFUSED', /signature is wrong/)
  })

  test('but not twice with one signature', async () => {
    const signature = authenticator.get((await start()).options)
    expect((await verify(signature)).status).toBe(200)
    await server.call('DELETE', `/api/agents/${agentId}/verify`, { key: account.key })
    await expectRefused(signature, 'CHALLENGE_NEEDED')
    await start()
    await expectRefused(signature, 'PASSKEY_REFUSED', /challenge/)
  })

  test('but not with what was signed for another agent', async () => {
    const other = (await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Night Clerk' } })).body.id
    await start()
    await expectRefused(authenticator.get((await start(other)).options), 'PASSKEY_REFUSED', /challenge/)
  })

  test('but not after five minutes', async () => {
    const { options } = await start()
    await expireChallenges('verificationChallenges')
    await expectRefused(authenticator.get(options), 'CHALLENGE_NEEDED')
  })

  test.each(['', 'true', '{', '{}', '{"id":"x"}', '{"id":7}', '{"id":"\\u0000"}'])('but not by the signature %j', async (signature) => {
    await start()
    await expectRefused(signature, signature === '' ? 'INVALID_INPUT' : 'PASSKEY_REFUSED')
  })

  test('but not because the caller says so', async () => {
    const body = { verificationType: 'webauthn', verified: true }
    expect(await server.call('POST', `/api/agents/${agentId}/verify`, { key: account.key, body })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', fields: [{ field: 'signature' }] },
    })
    expect(await isVerified()).toBe(false)
  })

  test('not before the account has one', async () => {
    const [passkey] = await passkeysOf()
    await server.trpc({ cookie: account.cookie }).passkeys.remove.mutate({ passkeyId: passkey!.id })
    expect(await startVerification(server, account, agentId, 'webauthn')).toMatchObject({ status: 400, body: { code: 'PASSKEY_NEEDED' } })
  })
})

describe('a passkey', () => {
  test('is renamed by its owner alone', async () => {
    await registerPasskey(server, account)
    const [passkey] = await passkeysOf()
    const rename = (who: TestAccount) =>
      server.trpc({ cookie: who.cookie }).passkeys.rename.mutate({ passkeyId: passkey!.id, label: ' Travel key ' })
    await expect(rename(await server.createAccount())).rejects.toThrow('There is no such passkey.')
    expect(await rename(account)).toMatchObject({ id: passkey!.id, label: 'Travel key' })
    expect(await passkeysOf()).toMatchObject([{ label: 'Travel key' }])
  })

  test('that is the last way in stays', async () => {
    await registerPasskey(server, account)
    await registerPasskey(server, account)
    await server.platform.databases.system.deleteFrom('passwords').where('userId', '=', account.id).execute()
    const passkeys = await passkeysOf()
    const { remove } = server.trpc({ cookie: account.cookie }).passkeys
    const outcomes = await Promise.allSettled(passkeys.map(({ id }) => remove.mutate({ passkeyId: id })))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { data: { appCode: 'LAST_WAY_IN' } } })
    expect(await passkeysOf()).toHaveLength(1)
  })

  test('that was made for another host is told of at start', async () => {
    await registerPasskey(server, account)
    const warn = vi.spyOn(server.platform.log, 'warn')
    await warnOfStrandedPasskeys(server.platform)
    expect(warn).not.toHaveBeenCalled()
    await withEnv(server, { APP_URL: 'https://agents.example.org' }, () => warnOfStrandedPasskeys(server.platform))
    const told = /^\d+ passkeys were made for localhost and cannot be used, because APP_URL is now at agents\.example\.org$/
    expect(warn.mock.calls.map(([, text]) => text)).toEqual([expect.stringMatching(told)])
  })
})
