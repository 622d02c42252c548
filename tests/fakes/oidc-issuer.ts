import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type JWK } from 'oidc-provider'

/** What the issuer says of one of its people; the subject is what they type as their login. */
export interface IssuerPerson {
  name?: string
  email?: string
  email_verified?: boolean
}

/** A real OpenID Connect provider with pages to sign in at; any password will do. */
export interface OidcIssuer {
  issuer: string
  clientId: string
  clientSecret: string
  /** By login. Somebody who is not in it has a subject and nothing else. */
  people: Map<string, IssuerPerson>
  close(): Promise<void>
}

const CLIENT = { clientId: 'agentbot', clientSecret: 'a-secret-that-only-tests-use' }

/** @param redirectUris Where it may send people back to. */
export async function startOidcIssuer(redirectUris: string[]): Promise<OidcIssuer> {
  const people = new Map<string, IssuerPerson>()
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' } as JWK
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // Claims in the ID token itself, as most issuers have them.
    conformIdTokenClaims: false,
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Grant: 600, Session: 600 },
  })
  server.on('request', provider.callback())
  return { issuer, ...CLIENT, people, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((closed) => server.close(() => closed()))
}

/**
 * Goes through the pages of the issuer as a browser would: signs in, agrees, and comes back.
 *
 * @param authorizationUrl Where the server under test sent the browser.
 * @returns where the issuer sends it then.
 */
export async function signInAtIssuer(authorizationUrl: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>()
  const { origin } = new URL(authorizationUrl)
  let at = new URL(authorizationUrl)
  let form: Record<string, string> | undefined
  for (let step = 0; step < 12; step++) {
    const answer = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split('=') as [string, string]
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    const next = answer.headers.get('location')
    if (next) {
      at = new URL(next, at)
      form = undefined
      if (at.origin !== origin) return at
      continue
    }
    const page = await answer.text()
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (!prompt) throw new Error(`The issuer answered ${answer.status} with ${page.slice(0, 500)}`)
    form = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
    at = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? at.href, at)
  }
  throw new Error('The issuer does not come to an end.')
}
