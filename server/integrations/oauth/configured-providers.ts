import type { Env, Platform } from '#server/platform/core/index.ts'
import { GitHubProvider } from './github.ts'
import { OpenIdProvider } from './openid.ts'
import type { ProviderId, SignInProvider } from './sign-in-provider.ts'

const GOOGLE_ISSUER = 'https://accounts.google.com'

const known = new WeakMap<Platform, Map<ProviderId, SignInProvider>>()

/** The providers the operator has switched on, in the order buttons have. */
export function configuredProviders(platform: Platform): SignInProvider[] {
  return [...mapOf(platform).values()]
}

/** One of them; undefined when it is not switched on. */
export const findProvider = (platform: Platform, id: ProviderId): SignInProvider | undefined => mapOf(platform).get(id)

function mapOf(platform: Platform): Map<ProviderId, SignInProvider> {
  let providers = known.get(platform)
  if (!providers) known.set(platform, (providers = new Map(createProviders(platform.env).map((provider) => [provider.id, provider]))))
  return providers
}

function createProviders(env: Env): SignInProvider[] {
  const providers: SignInProvider[] = []
  if (env.GITHUB_CLIENT_ID && env.GITHUB_CLIENT_SECRET)
    providers.push(
      new GitHubProvider({
        clientId: env.GITHUB_CLIENT_ID,
        clientSecret: env.GITHUB_CLIENT_SECRET,
        baseUrl: env.GITHUB_BASE_URL,
        apiUrl: env.GITHUB_API_URL,
      }),
    )
  if (env.GOOGLE_CLIENT_ID && env.GOOGLE_CLIENT_SECRET)
    providers.push(
      new OpenIdProvider({
        id: 'google',
        name: 'Google',
        issuer: GOOGLE_ISSUER,
        clientId: env.GOOGLE_CLIENT_ID,
        clientSecret: env.GOOGLE_CLIENT_SECRET,
        isEmailTrusted: false,
      }),
    )
  if (env.OIDC_ISSUER && env.OIDC_CLIENT_ID && env.OIDC_CLIENT_SECRET)
    providers.push(
      new OpenIdProvider({
        id: 'oidc',
        name: env.OIDC_NAME ?? new URL(env.OIDC_ISSUER).hostname,
        issuer: env.OIDC_ISSUER,
        clientId: env.OIDC_CLIENT_ID,
        clientSecret: env.OIDC_CLIENT_SECRET,
        isEmailTrusted: env.OIDC_TRUST_EMAIL,
      }),
    )
  return providers
}
