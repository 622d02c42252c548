import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { providerIds, type Handshake, type ProviderId } from '#server/integrations/oauth/index.ts'
import { sha256, type Platform } from '#server/platform/core/index.ts'
import { issueOneTimeToken, takeOneTimeToken } from '../auth/index.ts'
import { bindingCookieName } from './oauth.contract.ts'
import { SignInExpired } from './oauth.errors.ts'

const PURPOSE = 'oauth'
const SECONDS = 10 * 60

const random = (): string => randomBytes(32).toString('base64url')

/** What is known of a sign-in when the person comes back. */
const Begun = z.object({
  provider: z.enum(providerIds),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** Hash of what the browser's cookie holds. */
  binding: z.string(),
  next: z.string().nullable(),
  referralCode: z.string().nullable(),
})
type Begun = z.infer<typeof Begun>

interface NewSignIn extends Pick<Begun, 'provider' | 'next' | 'referralCode'> {
  /** Who asked to connect it; left out where somebody signs in. */
  userId?: string
}

/** Writes a sign-in down. @returns what to send to the provider, and the cookie that ties it to the browser. */
export async function beginHandshake(
  platform: Platform,
  { userId, ...facts }: NewSignIn,
): Promise<{ handshake: Handshake; cookie: string }> {
  const handshake = { state: random(), nonce: random(), codeVerifier: random() }
  const binding = random()
  const data: Begun = { ...facts, nonce: handshake.nonce, codeVerifier: handshake.codeVerifier, binding: sha256(binding) }
  await issueOneTimeToken(platform.databases.system, {
    purpose: PURPOSE,
    token: handshake.state,
    seconds: SECONDS,
    data,
    ...(userId === undefined ? {} : { userId }),
  })
  return { handshake, cookie: bindingCookie(platform, binding, SECONDS) }
}

/**
 * Uses a sign-in up, whatever comes of it.
 *
 * @param binding What the cookie of the browser holds that comes back. Without it somebody could have another person's
 * browser finish what they have begun, and so sign them in as somebody else.
 * @throws SignInExpired
 */
export async function takeHandshake(platform: Platform, provider: ProviderId, state: string | null, binding: string | null) {
  const taken = state ? await takeOneTimeToken(platform.databases.system, PURPOSE, state) : undefined
  const begun = Begun.safeParse(taken?.data)
  if (!taken || !begun.success || begun.data.provider !== provider) throw new SignInExpired()
  if (binding === null || sha256(binding) !== begun.data.binding) throw new SignInExpired()
  const { nonce, codeVerifier, next, referralCode } = begun.data
  return { handshake: { state: state!, nonce, codeVerifier }, next, referralCode, userId: taken.userId }
}

function bindingCookie(platform: Platform, value: string, maxAge: number): string {
  const secure = platform.env.APP_URL.startsWith('https:') ? '; Secure' : ''
  // `Lax` because the browser comes back from another site.
  return `${bindingCookieName(platform.env.APP_URL)}=${value}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${maxAge}${secure}`
}

export const clearedBindingCookie = (platform: Platform): string => bindingCookie(platform, '', 0)
