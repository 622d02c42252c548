import { configuredProviders, findProvider, type ProviderId, type SignInProvider } from '#server/integrations/oauth/index.ts'
import { type Context, type Platform, type SessionContext, userOf } from '#server/platform/core/index.ts'
import { completeSignIn } from '../auth/index.ts'
import { TwoFactorRequired } from '../second-factor/index.ts'
import { linkIdentity } from '../identities/index.ts'
import { beginHandshake, clearedBindingCookie, takeHandshake } from './handshake.ts'
import type { FinishSignIn, SignInFinished, SignInProviderFacts, SignInStarted, StartLink, StartSignIn } from './oauth.contract.ts'
import { LinkNeedsSession, ProviderNotConfigured } from './oauth.errors.ts'
import { findOrMakePerson } from './people.service.ts'

const pathOf = (provider: ProviderId, step: 'start' | 'callback'): string => `/api/auth/oauth/${provider}/${step}`

/** What the login page offers. */
export const getProviders = async ({ platform }: Context): Promise<SignInProviderFacts[]> =>
  configuredProviders(platform).map(({ id, name }) => ({ id, name, startUrl: platform.env.APP_URL + pathOf(id, 'start') }))

/** @throws ProviderNotConfigured, ProviderUnavailable */
export async function startSignIn(ctx: Context, { provider, next, referralCode }: StartSignIn): Promise<SignInStarted> {
  return start(ctx, provider, { next: next ?? null, referralCode: referralCode || null })
}

/** @throws ProviderNotConfigured, ProviderUnavailable */
export async function startLink(ctx: SessionContext, { provider, next }: StartLink): Promise<SignInStarted> {
  return start(ctx, provider, { next: next ?? null, referralCode: null, userId: userOf(ctx) })
}

interface Start {
  next: string | null
  referralCode: string | null
  userId?: string
}

async function start(ctx: Context, id: ProviderId, facts: Start): Promise<SignInStarted> {
  const provider = requireProvider(ctx.platform, id)
  const { handshake, cookie } = await beginHandshake(ctx.platform, { provider: id, ...facts })
  const url = await asked(ctx, provider, () => provider.authorizationUrl(redirectUri(ctx.platform, id), handshake))
  ctx.reply.cookies.push(cookie)
  return { url }
}

/**
 * The person is back from the provider.
 *
 * @throws ProviderNotConfigured, SignInExpired, SignInRefused, ProviderUnavailable; AccountExists, SignupsClosed,
 * InviteRequired where a new person would have to be made; LinkNeedsSession, IdentityTaken, IdentityLimitReached;
 * Suspended
 */
export async function finishSignIn(ctx: Context, { provider: id, query, binding }: FinishSignIn): Promise<SignInFinished> {
  const { platform } = ctx
  const provider = requireProvider(platform, id)
  // Not as the request has it: behind a proxy that is another address than the provider knows.
  const callback = new URL(redirectUri(platform, id))
  callback.search = query
  ctx.reply.cookies.push(clearedBindingCookie(platform))
  const { handshake, next, referralCode, userId } = await takeHandshake(platform, id, callback.searchParams.get('state'), binding)
  const person = await asked(ctx, provider, () => provider.readPerson(callback, handshake))
  if (userId !== null) {
    if (!isSignedInAs(ctx, userId)) throw new LinkNeedsSession()
    const { issuer, subject, label, email, isEmailVerified } = person
    await linkIdentity(ctx, { issuer, subject, label, email, emailVerified: isEmailVerified })
    return { outcome: 'linked', ticket: null, next }
  }
  const found = await findOrMakePerson(ctx, provider, person, referralCode)
  try {
    await completeSignIn(ctx, found.userId, { method: 'oauth', isTwoFactor: false })
  } catch (error) {
    if (error instanceof TwoFactorRequired) return { outcome: 'codeNeeded', ticket: error.ticket, next }
    throw error
  }
  return { outcome: found.isNew ? 'registered' : 'signedIn', ticket: null, next }
}

const redirectUri = ({ env }: Platform, id: ProviderId): string => env.APP_URL + pathOf(id, 'callback')

/** @throws ProviderNotConfigured */
function requireProvider(platform: Platform, id: ProviderId): SignInProvider {
  const provider = findProvider(platform, id)
  if (!provider) throw new ProviderNotConfigured(id)
  return provider
}

const isSignedInAs = (ctx: Context, userId: string): ctx is SessionContext => ctx.actor.kind === 'session' && ctx.actor.user.id === userId

/** Whoever runs the server needs to know why; the caller is told only that it did not work. */
async function asked<T>({ log, requestId }: Context, { id }: SignInProvider, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    log.warn({ err: error instanceof Error ? (error.cause ?? error) : error, requestId, provider: id }, 'a sign-in elsewhere did not work')
    throw error
  }
}
