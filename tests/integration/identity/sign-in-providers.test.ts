import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GitHubProvider } from '../../../server/integrations/oauth/github.ts'
import { OpenIdProvider } from '../../../server/integrations/oauth/openid.ts'
import { startGitHub, type GitHub } from '../../fakes/github.ts'
import { signInAtIssuer, startOidcIssuer, type OidcIssuer } from '../../fakes/oidc-issuer.ts'

const CALLBACK = 'http://localhost:3000/api/auth/oauth/oidc/callback'
const handshake = { state: 'a-state', nonce: 'a-nonce', codeVerifier: 'v'.repeat(43) }

let issuer: OidcIssuer
let github: GitHub
beforeAll(async () => {
  issuer = await startOidcIssuer([CALLBACK])
  github = await startGitHub()
})
afterAll(async () => {
  await issuer.close()
  await github.close()
})

const clientOf = (change: Partial<ConstructorParameters<typeof OpenIdProvider>[0]> = {}) =>
  new OpenIdProvider({
    id: 'oidc',
    name: 'Harbour',
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: issuer.clientSecret,
    isEmailTrusted: false,
    ...change,
  })

describe('an OpenID Connect issuer', () => {
  const comeBack = async (login: string) => signInAtIssuer(await clientOf().authorizationUrl(CALLBACK, handshake), login)

  test('says who signed in', async () => {
    issuer.people.set('ines', { name: 'Ines Vale', email: 'ines@example.org', email_verified: true })
    expect(await clientOf().readPerson(await comeBack('ines'), handshake)).toEqual({
      issuer: issuer.issuer,
      subject: 'ines',
      label: 'ines@example.org',
      name: 'Ines Vale',
      email: 'ines@example.org',
      isEmailVerified: true,
    })
  })

  test.each([
    { says: true, isTrusted: false, isVerified: true },
    { says: undefined, isTrusted: false, isVerified: false },
    { says: undefined, isTrusted: true, isVerified: true },
    { says: false, isTrusted: true, isVerified: false },
  ])(
    'an address with email_verified $says counts as verified: $isVerified (trusted: $isTrusted)',
    async ({ says, isTrusted, isVerified }) => {
      issuer.people.set('ada', { email: 'ada@example.org', ...(says === undefined ? {} : { email_verified: says }) })
      const person = await clientOf({ isEmailTrusted: isTrusted }).readPerson(await comeBack('ada'), handshake)
      expect(person).toMatchObject({ email: 'ada@example.org', isEmailVerified: isVerified })
    },
  )

  test.each([
    { what: 'another state', change: { state: 'other' } },
    { what: 'another nonce', change: { nonce: 'other' } },
    { what: 'another verifier', change: { codeVerifier: 'w'.repeat(43) } },
  ])('an answer to $what is refused', async ({ change }) => {
    const back = await comeBack('ines')
    await expect(clientOf().readPerson(back, { ...handshake, ...change })).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })

  test('an answer is good once, and only of the issuer it names', async () => {
    const foreign = await comeBack('ines')
    foreign.searchParams.set('iss', 'https://evil.example')
    await expect(clientOf().readPerson(foreign, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
    const back = await comeBack('ines')
    await clientOf().readPerson(back, handshake)
    await expect(clientOf().readPerson(back, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })

  test('one that does not answer is asked again the next time', async () => {
    let asked = 0
    const late = createServer((_request, response) => {
      if (++asked === 1) return response.writeHead(503).end()
      const metadata = { issuer: address, authorization_endpoint: `${address}/auth`, token_endpoint: `${address}/token` }
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata))
    })
    await new Promise<void>((ready) => late.listen(0, '127.0.0.1', ready))
    const address = `http://127.0.0.1:${(late.address() as AddressInfo).port}`
    const client = clientOf({ issuer: address })
    await expect(client.authorizationUrl(CALLBACK, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_PROVIDER_UNAVAILABLE', status: 503 })
    expect(await client.authorizationUrl(CALLBACK, handshake)).toContain(`${address}/auth?`)
    await new Promise((closed) => late.close(closed))
  })

  test('one that calls itself by another name is not taken for the one that was meant', async () => {
    const meant = clientOf({ issuer: issuer.issuer.replace('localhost', '127.0.0.1') })
    await expect(meant.authorizationUrl(CALLBACK, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_PROVIDER_UNAVAILABLE' })
  })

  test('a secret it does not know is a fault of the server, not of the person', async () => {
    const back = await comeBack('ines')
    await expect(clientOf({ clientSecret: 'wrong' }).readPerson(back, handshake)).rejects.toMatchObject({ status: 503 })
  })
})

describe('GitHub', () => {
  const client = () =>
    new GitHubProvider({ clientId: github.clientId, clientSecret: github.clientSecret, baseUrl: github.url, apiUrl: github.url })
  const person = {
    id: 583_231,
    login: 'octo',
    name: null,
    emails: [
      { email: 'old@example.org', primary: false, verified: true, visibility: null },
      { email: 'octo@example.org', primary: true, verified: true, visibility: 'private' },
    ],
  }
  const comeBack = async (who = person) => github.agree(await client().authorizationUrl(CALLBACK, handshake), who)

  test('says who signed in, by a number, and which address is theirs', async () => {
    expect(await client().readPerson(await comeBack(), handshake)).toEqual({
      issuer: `${github.url}/login/oauth`,
      subject: '583231',
      label: 'octo',
      name: 'octo',
      email: 'octo@example.org',
      isEmailVerified: true,
    })
  })

  test('an address that is not verified there is none', async () => {
    const unverified = { ...person, emails: [{ ...person.emails[1]!, verified: false }] }
    expect(await client().readPerson(await comeBack(unverified), handshake)).toMatchObject({ email: null, isEmailVerified: false })
  })

  test('who cancels there is told so', async () => {
    const back = github.cancel(await client().authorizationUrl(CALLBACK, handshake))
    await expect(client().readPerson(back, handshake)).rejects.toThrow('cancelled')
  })

  test('an answer is good once, and one of another issuer not at all', async () => {
    const back = await comeBack()
    await client().readPerson(back, handshake)
    await expect(client().readPerson(back, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
    const foreign = await comeBack()
    foreign.searchParams.set('iss', 'https://github.com')
    await expect(client().readPerson(foreign, handshake)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })
})
