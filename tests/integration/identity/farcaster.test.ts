import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFakeFarcaster, type FakeFarcaster, type TokenDeviation } from '../../fakes/farcaster.ts'
import { startTokenChain, type TokenChain } from '../../fakes/token-chain.ts'
import { withEnv } from '../../contract/with-env.ts'
import { later } from '../../helpers/clock.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const DOMAIN = 'agents.example.org'
const FID = 20_417
const WALLET = '0x52908400098527886E0F7030069857D2E4169EE7'

let farcaster: FakeFarcaster
let chain: TokenChain
let server: TestServer
beforeAll(async () => {
  farcaster = await startFakeFarcaster()
  chain = await startTokenChain({ balance: 100n })
  server = await startTestServer({
    FARCASTER_AUTH_ORIGIN: farcaster.url,
    FARCASTER_DOMAIN: DOMAIN,
    TOKEN_GATING_ADDRESS: chain.token,
    TOKEN_GATING_MIN_BALANCE: '100',
    TOKEN_GATING_RPC: chain.url,
  })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  await farcaster.close()
})

const verify = (body: unknown) => server.call('POST', '/api/auth/farcaster/verify', { body })
const refresh = (refreshToken: string) => server.call('POST', '/api/auth/farcaster/refresh', { body: { refreshToken } })
const signed = (deviation?: TokenDeviation) => farcaster.sign(FID, DOMAIN, deviation)
/** What a session token says, unchecked. */
const claimsOf = (sessionToken: string) => JSON.parse(Buffer.from(sessionToken.split('.')[0]!, 'base64url').toString())

describe('a Farcaster identity is verified', () => {
  test('without a wallet: then no balance was checked', async () => {
    const fidToken = await signed()
    const { status, body } = await verify({ fidToken })
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      sessionToken: expect.stringMatching(/^[\w-]+\.[\w-]+$/),
      address: null,
      message: 'Verified.',
      tokenGated: false,
      accessLevel: 'basic',
    })
    const claims = claimsOf(body.sessionToken)
    expect(claims).toMatchObject({ fid: FID, address: null, verified: true })
    expect(claims.exp - claims.iat).toBe(86_400)
    expect(body.sessionToken).not.toContain(fidToken)
    expect(claims.fidToken).not.toBe(fidToken)
  })

  test('with a wallet that has enough of the token', async () => {
    const { body } = await verify({ fidToken: await signed(), address: WALLET })
    expect(body).toMatchObject({ success: true, address: WALLET, tokenGated: true, accessLevel: 'premium' })
  })

  test('but not with one that has too little', async () => {
    const answer = await withEnv(server, { ...gate(), TOKEN_GATING_MIN_BALANCE: '101' }, async () =>
      verify({ fidToken: await signed(), address: WALLET }),
    )
    expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_ENOUGH_TOKENS', required: 'RAVE', minBalance: '101' } })
  })

  test('and signs nobody in', async () => {
    expect((await verify({ fidToken: await signed() })).headers.get('set-cookie')).toBeNull()
  })
})

const gate = () => ({ TOKEN_GATING_ADDRESS: chain.token, TOKEN_GATING_RPC: chain.url })

describe('a token is refused', () => {
  test.each<[string, TokenDeviation]>([
    ['for another app', { claims: { aud: 'evil.example.net' } }],
    ['of another issuer', { claims: { iss: 'https://evil.example.net' } }],
    ['that has expired', { expiresIn: -10 }],
    ['that was signed with another key', { isForged: true }],
    ['that was signed with a key nobody knows', { keyId: 'quick-auth-2' }],
    ['that names nobody', { claims: { sub: undefined } }],
    ['that names somebody without a number', { claims: { sub: 'ines' as never } }],
    ['that names nobody there can be', { claims: { sub: 0 as never } }],
  ])('%s', async (_what, deviation) => {
    expect(await verify({ fidToken: await signed(deviation) })).toMatchObject({ status: 401, body: { code: 'FARCASTER_TOKEN_REFUSED' } })
  })

  test.each([
    ['that is no token', 'hello'],
    ['without a signature', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":1}').toString('base64url')}.`],
  ])('%s', async (_what, fidToken) => {
    expect(await verify({ fidToken })).toMatchObject({ status: 401, body: { code: 'FARCASTER_TOKEN_REFUSED' } })
  })

  test('that is not there', async () => {
    expect(await verify({})).toMatchObject({ status: 401, body: { code: 'FARCASTER_TOKEN_MISSING' } })
  })
})

describe('a session token is renewed', () => {
  test('and says since when the identity is known', async () => {
    const first = (await verify({ fidToken: await signed(), address: WALLET })).body.sessionToken
    const renewed = await later(3600, () => refresh(first))
    expect(renewed.body).toEqual({ success: true, sessionToken: expect.any(String), expiresIn: 86_400, message: 'Renewed.' })
    const [before, after] = [claimsOf(first), claimsOf(renewed.body.sessionToken)]
    expect(after).toMatchObject({ fid: FID, address: WALLET, since: before.since })
    expect(after.exp).toBeGreaterThanOrEqual(before.exp + 3600)
  })

  test('until 30 days are over, however often it was', async () => {
    let token = (await verify({ fidToken: await signed() })).body.sessionToken
    const hours = 23
    for (let at = hours; at < 30 * 24; at += hours) token = (await later(at * 3600, () => refresh(token))).body.sessionToken
    expect(await later(30 * 86_400 + 60, () => refresh(token))).toMatchObject({ status: 401, body: { code: 'FARCASTER_SESSION_REFUSED' } })
  })

  test('but not when it has expired, was altered, or is of somebody else', async () => {
    const { sessionToken } = (await verify({ fidToken: await signed() })).body
    const [data, signature] = sessionToken.split('.')
    const richer = Buffer.from(JSON.stringify({ ...claimsOf(sessionToken), fid: 1 })).toString('base64url')
    const refused = { status: 401, body: { code: 'FARCASTER_SESSION_REFUSED' } }
    expect(await later(86_401, () => refresh(sessionToken))).toMatchObject(refused)
    for (const token of [`${richer}.${signature}`, `${data}.`, data!, `${data}.${'A'.repeat(43)}`, await signed()])
      expect(await refresh(token)).toMatchObject(refused)
  })

  test('but not when the wallet has too little by now', async () => {
    const { sessionToken } = (await verify({ fidToken: await signed(), address: WALLET })).body
    const answer = await withEnv(server, { ...gate(), TOKEN_GATING_MIN_BALANCE: '101' }, () => refresh(sessionToken))
    expect(answer).toMatchObject({ status: 401, body: { code: 'FARCASTER_SESSION_REFUSED' } })
  })
})

describe('what is not there is not taken for a refusal', () => {
  test('an auth server that does not answer', async () => {
    const silent = await startFakeFarcaster()
    silent.isBroken = true
    const fidToken = await silent.sign(FID, DOMAIN)
    const answer = await withEnv(server, { FARCASTER_AUTH_ORIGIN: silent.url, FARCASTER_DOMAIN: DOMAIN }, () => verify({ fidToken }))
    expect(answer).toMatchObject({ status: 503, body: { code: 'FARCASTER_UNAVAILABLE' } })
    await silent.close()
    const gone = await withEnv(server, { FARCASTER_AUTH_ORIGIN: silent.url, FARCASTER_DOMAIN: DOMAIN }, () => verify({ fidToken }))
    expect(gone).toMatchObject({ status: 503, body: { code: 'FARCASTER_UNAVAILABLE' } })
  })

  test('a server that is not set up for it', async () => {
    const plain = await startTestServer()
    const body = { fidToken: await signed() }
    expect(await plain.call('POST', '/api/auth/farcaster/verify', { body })).toMatchObject({
      status: 503,
      body: { code: 'FARCASTER_NOT_CONFIGURED', variable: 'FARCASTER_DOMAIN' },
    })
    expect((await plain.call('GET', '/api/auth/farcaster/verify')).body).toMatchObject({ required: ['fidToken'] })
    await plain.close()
  })

  test('a balance where no token is set up', async () => {
    const variables = { FARCASTER_AUTH_ORIGIN: farcaster.url, FARCASTER_DOMAIN: DOMAIN }
    const plain = await startTestServer(variables)
    const body = { fidToken: await signed(), address: WALLET }
    expect(await plain.call('POST', '/api/auth/farcaster/verify', { body })).toMatchObject({
      status: 503,
      body: { code: 'TOKEN_GATE_NOT_CONFIGURED' },
    })
    await plain.close()
  })
})

test('the keys of the auth server are fetched once', async () => {
  const before = farcaster.fetched
  for (let count = 0; count < 3; count++) await verify({ fidToken: await signed() })
  expect(farcaster.fetched - before).toBeLessThanOrEqual(1)
})
