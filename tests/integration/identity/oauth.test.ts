import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startGitHub, type GitHub } from '../../fakes/github.ts'
import { signInAtIssuer, startOidcIssuer, type IssuerPerson, type OidcIssuer } from '../../fakes/oidc-issuer.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'
import { addSecondFactor } from '../../helpers/totp.ts'

const APP_URL = 'http://localhost:3000'
const callbackOf = (provider: string) => `${APP_URL}/api/auth/oauth/${provider}/callback`

let issuer: OidcIssuer
let github: GitHub
let server: TestServer
const variables = () => ({
  APP_URL,
  OIDC_ISSUER: issuer.issuer,
  OIDC_CLIENT_ID: issuer.clientId,
  OIDC_CLIENT_SECRET: issuer.clientSecret,
  OIDC_NAME: 'Harbour',
  GITHUB_CLIENT_ID: github.clientId,
  GITHUB_CLIENT_SECRET: github.clientSecret,
  GITHUB_BASE_URL: github.url,
  GITHUB_API_URL: github.url,
})
beforeAll(async () => {
  issuer = await startOidcIssuer([callbackOf('oidc')])
  github = await startGitHub()
  server = await startTestServer(variables())
})
afterAll(async () => {
  await server.close()
  await issuer.close()
  await github.close()
})

let people = 0
let login: string
let email: string
beforeEach(() => {
  login = `person${++people}`
  email = `${login}@example.org`
})

/** Somebody at the issuer. */
const setPerson = (person: IssuerPerson = { name: 'Ines Vale', email, email_verified: true }) => issuer.people.set(login, person)

const get = (path: string, cookies: (string | undefined)[] = []) =>
  fetch(server.url + path, { redirect: 'manual', headers: { cookie: cookies.filter(Boolean).join('; ') } })
const cookieIn = (response: Response, name: string) =>
  response.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0]
const sessionIn = (response: Response) => cookieIn(response, 'agentbot-session')
const placeOf = (response: Response) => response.headers.get('location')
const userOf = async (cookie: string | undefined) => (await server.call('GET', '/api/auth/session', cookie ? { cookie } : {})).body.user

/** A browser that follows the button of the login page to the provider. */
async function leave(provider = 'oidc', query = '') {
  const response = await get(`/api/auth/oauth/${provider}/start${query}`)
  return { url: placeOf(response)!, binding: cookieIn(response, 'agentbot-oauth') }
}

/** The whole way, from the button back to the server. */
async function signIn({ query = '' }: { query?: string } = {}) {
  const { url, binding } = await leave('oidc', query)
  const { pathname, search } = await signInAtIssuer(url, login)
  return get(pathname + search, [binding])
}

test('the login page learns which services there are', async () => {
  const { body } = await server.graphql('{ oauthProviders { id name startUrl } }')
  expect(body.data.oauthProviders).toEqual([
    { id: 'github', name: 'GitHub', startUrl: `${APP_URL}/api/auth/oauth/github/start` },
    { id: 'oidc', name: 'Harbour', startUrl: `${APP_URL}/api/auth/oauth/oidc/start` },
  ])
})

describe('somebody new', () => {
  test('gets an account, and is signed in to the same one the next time', async () => {
    setPerson()
    const first = await signIn({ query: '?next=/keys' })
    expect(first.status).toBe(302)
    expect(placeOf(first)).toBe('/keys')
    const user = await userOf(sessionIn(first))
    expect(user).toMatchObject({ name: 'Ines Vale', email })
    // The issuer's word for the person is what counts, not their address there.
    setPerson({ email: `other-${email}`, email_verified: true })
    expect((await userOf(sessionIn(await signIn()))).id).toBe(user.id)
  })

  test('has the address verified only if the issuer says so', async () => {
    setPerson({ email })
    const unverified = await userOf(sessionIn(await signIn()))
    const { system } = server.platform.databases
    const verifiedAt = async (id: string) =>
      (await system.selectFrom('users').where('id', '=', id).select('emailVerifiedAt').executeTakeFirstOrThrow()).emailVerifiedAt
    expect(await verifiedAt(unverified.id)).toBeNull()
    login = `${login}b`
    setPerson({ email: `b-${email}`, email_verified: true })
    expect(await verifiedAt((await userOf(sessionIn(await signIn()))).id)).not.toBeNull()
  })

  test('is one person, however often they come back at the same moment', async () => {
    setPerson()
    const answers = await Promise.all([signIn(), signIn(), signIn()])
    const ids = await Promise.all(answers.map(async (answer) => (await userOf(sessionIn(answer)))?.id))
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toBeDefined()
  })

  test('can have no address at all', async () => {
    setPerson({ name: 'Quiet' })
    expect(await userOf(sessionIn(await signIn()))).toMatchObject({ name: 'Quiet', email: null })
  })

  test('is signed in with GitHub, by number and verified address', async () => {
    const { url, binding } = await leave('github')
    const back = github.agree(url, {
      id: 4711,
      login: 'ines',
      name: 'Ines',
      emails: [{ email, primary: true, verified: true, visibility: null }],
    })
    const answer = await get(back.pathname + back.search, [binding])
    expect(await userOf(sessionIn(answer))).toMatchObject({ name: 'Ines', email })
  })

  test('is turned away where sign-ups are closed, and needs a code where they are by invitation', async () => {
    setPerson()
    const { env } = server.platform
    onTestFinished(() => void (env.SIGNUPS = 'open'))
    env.SIGNUPS = 'closed'
    expect(placeOf(await signIn())).toBe('/login?problem=SIGNUPS_CLOSED')
    env.SIGNUPS = 'invite'
    expect(placeOf(await signIn())).toBe('/login?problem=INVITE_REQUIRED')
    env.SIGNUPS = 'open'
    const { referralCode } = (await server.call('GET', '/api/settings', { key: (await server.createAccount()).key })).body
    env.SIGNUPS = 'invite'
    expect(sessionIn(await signIn({ query: `?ref=${referralCode}` }))).toBeDefined()
  })
})

describe('somebody whose address has an account', () => {
  test('is signed in to it when both sides have verified the address', async () => {
    const account = await server.createAccount({ email })
    const { system } = server.platform.databases
    await system.updateTable('users').set({ emailVerifiedAt: new Date().toISOString() }).where('id', '=', account.id).execute()
    setPerson()
    const answer = await signIn()
    expect((await userOf(sessionIn(answer))).id).toBe(account.id)
    expect(await userOf(account.cookie)).not.toBeNull()
  })

  test('has to sign in first when the issuer does not vouch for it', async () => {
    const account = await server.createAccount({ email })
    const { system } = server.platform.databases
    await system.updateTable('users').set({ emailVerifiedAt: new Date().toISOString() }).where('id', '=', account.id).execute()
    for (const person of [{ email }, { email, email_verified: false }]) {
      setPerson(person)
      const answer = await signIn()
      expect(placeOf(answer)).toBe('/login?problem=ACCOUNT_EXISTS')
      expect(sessionIn(answer)).toBeUndefined()
    }
  })

  test('takes it over when nobody had proved the mailbox, and whoever set it up is out', async () => {
    const trap = await server.createAccount({ email })
    setPerson()
    const answer = await signIn()
    expect((await userOf(sessionIn(answer))).id).toBe(trap.id)
    expect(await userOf(trap.cookie)).toBeNull()
    expect((await server.call('GET', '/api/settings', { key: trap.key })).status).toBe(401)
    const byPassword = await server.call('POST', '/api/auth/login', { body: { email, password: trap.password } })
    expect(byPassword.status).toBe(401)
  })
})

describe('connecting', () => {
  const startLink = async (cookie: string) => {
    const response = await fetch(`${server.url}/trpc/oauth.startLink`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'oidc', next: '/settings' }),
    })
    const { result } = (await response.json()) as { result: { data: { url: string } } }
    return { url: result.data.url, binding: cookieIn(response, 'agentbot-oauth') }
  }
  const link = async (cookie: string) => {
    const { url, binding } = await startLink(cookie)
    const { pathname, search } = await signInAtIssuer(url, login)
    return get(pathname + search, [binding, cookie])
  }

  test('lets the person sign in that way too, whatever their address there', async () => {
    const account = await server.createAccount()
    setPerson({ email: `elsewhere-${email}` })
    expect(placeOf(await link(account.cookie))).toBe('/settings')
    expect(await server.trpc({ cookie: account.cookie }).identities.list.query()).toMatchObject([{ issuer: issuer.issuer, subject: login }])
    expect((await userOf(sessionIn(await signIn()))).id).toBe(account.id)
  })

  test('is refused when somebody has it already', async () => {
    setPerson()
    const first = await userOf(sessionIn(await signIn()))
    const other = await server.createAccount()
    expect(placeOf(await link(other.cookie))).toBe('/settings?problem=IDENTITY_TAKEN')
    expect((await userOf(sessionIn(await signIn()))).id).toBe(first.id)
  })

  test('is refused for whoever is signed in by then as somebody else', async () => {
    const [account, other] = [await server.createAccount(), await server.createAccount()]
    setPerson()
    const { url, binding } = await startLink(account.cookie)
    const { pathname, search } = await signInAtIssuer(url, login)
    expect(placeOf(await get(pathname + search, [binding, other.cookie]))).toBe('/settings?problem=LINK_NEEDS_SESSION')
  })

  test('needs a fresh sign-in', async () => {
    const account = await server.createAccount()
    const stale = new Date(Date.now() - 16 * 60_000).toISOString()
    await server.platform.databases.system
      .updateTable('sessions')
      .set({ authenticatedAt: stale })
      .where('userId', '=', account.id)
      .execute()
    await expect(server.trpc({ cookie: account.cookie }).oauth.startLink.mutate({ provider: 'oidc' })).rejects.toMatchObject({
      data: { appCode: 'REAUTH_REQUIRED' },
    })
  })
})

describe('an answer of the provider', () => {
  test('is worth nothing in a browser that did not ask for it', async () => {
    setPerson()
    const { url } = await leave()
    const { pathname, search } = await signInAtIssuer(url, login)
    const other = await leave()
    const answer = await get(pathname + search, [other.binding])
    expect(placeOf(answer)).toBe('/login?problem=SIGN_IN_EXPIRED')
    expect(sessionIn(answer)).toBeUndefined()
  })

  test('is good once', async () => {
    setPerson()
    const { url, binding } = await leave()
    const { pathname, search } = await signInAtIssuer(url, login)
    expect(sessionIn(await get(pathname + search, [binding]))).toBeDefined()
    expect(placeOf(await get(pathname + search, [binding]))).toBe('/login?problem=SIGN_IN_EXPIRED')
  })

  test('of one provider is not taken for one of another', async () => {
    const { url, binding } = await leave('github')
    const back = github.cancel(url)
    expect(placeOf(await get(`/api/auth/oauth/oidc/callback${back.search}`, [binding]))).toBe('/login?problem=SIGN_IN_EXPIRED')
  })

  test('without a state, or cancelled, says so on the login page', async () => {
    expect(placeOf(await get('/api/auth/oauth/oidc/callback?code=x', []))).toBe('/login?problem=SIGN_IN_EXPIRED')
    const { url, binding } = await leave('github')
    const { pathname, search } = github.cancel(url)
    expect(placeOf(await get(pathname + search, [binding]))).toBe('/login?problem=SIGN_IN_REFUSED')
  })
})

test('a second factor is asked for here too, and the place to go on to is kept', async () => {
  setPerson()
  const session = sessionIn(await signIn())!
  const { app } = await addSecondFactor(server, { cookie: session })
  const answer = await signIn({ query: '?next=/keys' })
  expect(sessionIn(answer)).toBeUndefined()
  const [, ticket] = /^\/login\/code\?next=%2Fkeys#(.+)$/.exec(placeOf(answer)!)!
  const done = await server.graphql(`mutation { secondFactorComplete(ticket: "${ticket}", code: "${app.code()}") { name } }`)
  expect(done.body.data.secondFactorComplete.name).toBe('Ines Vale')
})

test('it leads nowhere but to pages of this server', async () => {
  setPerson()
  expect(placeOf(await signIn({ query: '?next=https://evil.example/' }))).toBe('/agents')
})

test('what is not set up, or not there, is said on the login page', async () => {
  expect(placeOf(await get('/api/auth/oauth/google/start'))).toBe('/login?problem=PROVIDER_NOT_CONFIGURED')
  expect(placeOf(await get('/api/auth/oauth/myspace/start'))).toBe('/login?problem=INVALID_INPUT')
  expect((await server.call('POST', '/api/auth/oauth/oidc/start')).status).toBe(405)
})
