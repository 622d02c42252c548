import {
  callerIdOf,
  type Context,
  hasAccount,
  hasScope,
  Forbidden,
  FRESH_SECONDS,
  RateLimitExceeded,
  type Bucket,
  type RateLimitState,
  type SessionActor,
} from '../core/index.ts'
import type { Scope } from '../core/scopes.contract.ts'

// What an operation declares is checked by `execute`. What is reached by several operations, such as an agent
// or a model, is checked again where it is reached, so that no way there goes past its scope or its bucket.

/** @throws Forbidden when a role or an API key calls that lacks this scope. */
export function requireScope(ctx: Context, scope: Scope): void {
  if (!hasAccount(ctx) || hasScope(ctx.actor, scope)) return
  const { actor } = ctx
  if (actor.kind === 'session')
    throw new Forbidden('ROLE_REQUIRED', `As ${actor.role} of this workspace you lack the right "${scope}".`, { scope, role: actor.role })
  throw new Forbidden('SCOPE_REQUIRED', `This API key lacks the scope "${scope}".`, { scope })
}

/** @throws Forbidden REAUTH_REQUIRED when the person has not proved for a while who they are. */
export function requireFresh({ session }: SessionActor): void {
  if (Date.parse(session.authenticatedAt) < Date.now() - FRESH_SECONDS * 1000)
    throw new Forbidden('REAUTH_REQUIRED', 'Prove once more that it is you: your last sign-in is more than 15 minutes ago.')
}

/** Counts a call of an operation: in its bucket, and for the API key that makes it. @throws RateLimited */
export async function countCall(ctx: Context, bucket: Bucket | undefined): Promise<void> {
  if (bucket) await countIn(ctx, bucket)
  await countKey(ctx)
}

/** Counts a call in a bucket, unless its operation was counted there already. @throws RateLimited */
export async function countIn(ctx: Context, bucket: Bucket): Promise<void> {
  if (ctx.countedIn === bucket) return
  const caller = { callerId: hasAccount(ctx) ? callerIdOf(ctx.actor) : null, ip: ctx.ip }
  await noteState(ctx, ctx.platform.rateLimits.count(bucket, caller))
}

/** Counts a call of an API key that has a limit of its own. @throws RateLimited */
async function countKey(ctx: Context): Promise<void> {
  const { actor, platform } = ctx
  if (actor.kind === 'key' && actor.rateLimit) await noteState(ctx, platform.rateLimits.countKey(actor.keyId, actor.rateLimit))
}

/** The headers of the answer tell of the bucket that has least left, or that refused the call. */
async function noteState({ reply }: Context, counting: Promise<RateLimitState>): Promise<void> {
  try {
    reply.rateLimit = tighter(reply.rateLimit, await counting)
  } catch (error) {
    if (error instanceof RateLimitExceeded) reply.rateLimit = error.state
    throw error
  }
}

const tighter = (a: RateLimitState | undefined, b: RateLimitState): RateLimitState => (a && a.remaining <= b.remaining ? a : b)
