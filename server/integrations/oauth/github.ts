import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  Configuration,
} from 'openid-client'
import { z } from 'zod'
import { askProvider, providerFetch, askByProviderFetch } from './exchange.ts'
import { ProviderUnavailable } from './oauth.errors.ts'
import type { Handshake, ProvenPerson, SignInProvider } from './sign-in-provider.ts'

interface GitHubClient {
  clientId: string
  clientSecret: string
  /** Of its pages: `https://github.com`, or a GitHub of one's own. */
  baseUrl: string
  /** Of its API: `https://api.github.com`. */
  apiUrl: string
}

const User = z.object({ id: z.number().int().positive(), login: z.string(), name: z.string().nullish() })
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub speaks OAuth without ID tokens: who signed in is asked of its API. */
export class GitHubProvider implements SignInProvider {
  readonly id = 'github'
  readonly name = 'GitHub'
  readonly #client: GitHubClient
  readonly #configuration: Configuration
  /** As GitHub names itself in its answers, to the letter. */
  readonly #issuer: string

  constructor(client: GitHubClient) {
    this.#client = client
    this.#issuer = `${client.baseUrl}/login/oauth`
    const server = {
      issuer: this.#issuer,
      authorization_endpoint: `${this.#issuer}/authorize`,
      token_endpoint: `${this.#issuer}/access_token`,
    }
    this.#configuration = askByProviderFetch(new Configuration(server, client.clientId, client.clientSecret))
    if (client.baseUrl.startsWith('http:')) allowInsecureRequests(this.#configuration)
  }

  async authorizationUrl(redirectUri: string, { state, codeVerifier }: Handshake): Promise<string> {
    return buildAuthorizationUrl(this.#configuration, {
      redirect_uri: redirectUri,
      scope: 'read:user user:email',
      state,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href
  }

  readPerson(callback: URL, { state, codeVerifier }: Handshake): Promise<ProvenPerson> {
    return askProvider(this.name, async () => {
      const checks = { pkceCodeVerifier: codeVerifier, expectedState: state }
      const { access_token: token } = await authorizationCodeGrant(this.#configuration, callback, checks)
      const [user, emails] = await Promise.all([this.#read('/user', token, User), this.#read('/user/emails', token, Emails)])
      const email = emails.find(({ primary, verified }) => primary && verified)?.email ?? null
      return {
        issuer: this.#issuer,
        // The login can be changed, and taken by somebody else; the number cannot.
        subject: String(user.id),
        label: user.login,
        name: user.name || user.login,
        email,
        isEmailVerified: email !== null,
      }
    })
  }

  async #read<T>(path: string, token: string, schema: z.ZodType<T>): Promise<T> {
    const response = await providerFetch(this.#client.apiUrl + path, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'user-agent': 'agentbot',
        'x-github-api-version': '2022-11-28',
      },
    })
    if (!response.ok) throw new ProviderUnavailable(this.name, new Error(`GET ${path} answered ${response.status}`))
    return schema.parse(await response.json())
  }
}
