import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client'
import { askProvider, providerFetch, askByProviderFetch } from './exchange.ts'
import { ProviderUnavailable, SignInRefused } from './oauth.errors.ts'
import type { Handshake, ProviderId, ProvenPerson, SignInProvider } from './sign-in-provider.ts'

interface OpenIdClient {
  id: ProviderId
  name: string
  issuer: string
  clientId: string
  clientSecret: string
  /** Whether an address counts as verified where the issuer does not say; what it denies stays denied. */
  isEmailTrusted: boolean
}

/** A client of any OpenID Connect issuer. It learns what the issuer is like when it is first needed, and again after a failure. */
export class OpenIdProvider implements SignInProvider {
  readonly id: ProviderId
  readonly name: string
  readonly #client: OpenIdClient
  #configuration: Promise<Configuration> | undefined

  constructor(client: OpenIdClient) {
    this.#client = client
    this.id = client.id
    this.name = client.name
  }

  authorizationUrl(redirectUri: string, { state, nonce, codeVerifier }: Handshake): Promise<string> {
    return askProvider(this.name, async () => {
      const url = buildAuthorizationUrl(await this.#discover(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
      return url.href
    })
  }

  readPerson(callback: URL, { state, nonce, codeVerifier }: Handshake): Promise<ProvenPerson> {
    return askProvider(this.name, async () => {
      const tokens = await authorizationCodeGrant(await this.#discover(), callback, {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw new SignInRefused(this.name, 'it did not say who you are.')
      const email = text(claims.email)
      const name = text(claims.name)
      return {
        issuer: claims.iss,
        subject: claims.sub,
        label: email ?? text(claims.preferred_username) ?? name ?? claims.sub,
        name,
        email,
        isEmailVerified: email !== null && this.#isVerified(claims.email_verified),
      }
    })
  }

  #isVerified(claim: unknown): boolean {
    return claim === undefined ? this.#client.isEmailTrusted : claim === true
  }

  #discover(): Promise<Configuration> {
    this.#configuration ??= discover(this.#client).catch((error: unknown) => {
      this.#configuration = undefined
      throw new ProviderUnavailable(this.name, error)
    })
    return this.#configuration
  }
}

async function discover({ issuer, clientId, clientSecret }: OpenIdClient): Promise<Configuration> {
  const config = await discovery(new URL(issuer), clientId, clientSecret, undefined, {
    [customFetch]: providerFetch as never,
    // The configuration takes such an issuer only on this machine.
    execute: issuer.startsWith('http:') ? [allowInsecureRequests] : [],
  })
  // Without this the signature of the ID token is not looked at.
  enableNonRepudiationChecks(config)
  return askByProviderFetch(config)
}

const MAX_CLAIM = 254

const text = (claim: unknown): string | null => (typeof claim === 'string' && claim !== '' && claim.length <= MAX_CLAIM ? claim : null)
