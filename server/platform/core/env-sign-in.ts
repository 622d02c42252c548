import { z } from 'zod'
import { flag, text, url, withoutSlash } from './env-values.ts'

/** Variables of services elsewhere that people sign in with. */
export const signInVariables = {
  GITHUB_CLIENT_ID: text.optional().meta({
    description: 'Client id of an OAuth app at GitHub, to sign in with GitHub. Its callback is `APP_URL/api/auth/oauth/github/callback`.',
  }),
  GITHUB_CLIENT_SECRET: text.optional().meta({ description: 'Its secret.' }),
  GITHUB_BASE_URL: url
    .default('https://github.com')
    .transform(withoutSlash)
    .meta({ description: 'Address of GitHub, or of a GitHub Enterprise server.' }),
  GITHUB_API_URL: url.default('https://api.github.com').transform(withoutSlash).meta({ description: 'Address of its API.' }),
  GOOGLE_CLIENT_ID: text.optional().meta({
    description:
      'Client id of a web application at Google, to sign in with Google. Its redirect URI is `APP_URL/api/auth/oauth/google/callback`.',
  }),
  GOOGLE_CLIENT_SECRET: text.optional().meta({ description: 'Its secret.' }),
  OIDC_ISSUER: url.optional().meta({
    description:
      'Issuer of any OpenID Connect provider (Keycloak, Authentik, Entra) to sign in with, as it names itself, to the last slash. The redirect URI is `APP_URL/api/auth/oauth/oidc/callback`.',
  }),
  OIDC_CLIENT_ID: text.optional().meta({ description: 'Client id there.' }),
  OIDC_CLIENT_SECRET: text.optional().meta({ description: 'Its secret.' }),
  OIDC_NAME: text.optional().meta({ description: "What its button says. Default: the issuer's host." }),
  OIDC_TRUST_EMAIL: flag.default(false).meta({
    description:
      '`on` when addresses of that issuer count as verified although it does not say so (no `email_verified`). What it says is not verified stays so.',
  }),
}

const schema = z.object(signInVariables)
type SignInEnv = z.output<typeof schema> & { APP_URL?: string | undefined }

/** Ways to sign in elsewhere: each is whole or not there, and comes back to an address that was named. */
export function signInChecks(env: SignInEnv): string[] {
  const problems = [
    ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'] as const,
    ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'] as const,
    ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const,
  ].flatMap((names) => {
    const given = names.filter((name) => env[name])
    const missing = given.length > 0 ? names.filter((name) => !env[name]) : []
    return [
      ...missing.map((name) => `${name}: required with ${given[0]}`),
      ...(given.length > 0 && !env.APP_URL ? [`APP_URL: required with ${given[0]}, because the provider sends people back to it`] : []),
    ]
  })
  for (const name of ['OIDC_ISSUER', 'GITHUB_BASE_URL', 'GITHUB_API_URL'] as const)
    if (env[name]?.startsWith('http:') && !LOOPBACK.test(new URL(env[name]).hostname))
      problems.push(`${name}: expected https; over http anybody on the way could sign in as anybody`)
  return [...new Set(problems)]
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/
