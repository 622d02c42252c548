import type { z } from 'zod'
import { type AccountActor, type Context, type Platform, AppError, sha256, inTransaction } from '../core/index.ts'
import * as queries from './idempotency.queries.ts'
import type { Mutation } from './operation.ts'

/** How long an unfinished call blocks its key, should the server die meanwhile. */
const LOCK_SECONDS = 5 * 60

export class IdempotencyKeyReused extends AppError {
  constructor() {
    super('conflict', 'IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another call. Send a new one.')
  }
}

export class IdempotentCallRunning extends AppError {
  constructor() {
    super('conflict', 'IDEMPOTENT_CALL_RUNNING', 'The first call with this Idempotency-Key is still running. Try again shortly.', {
      retryAfterSeconds: 1,
    })
  }
}

/**
 * Runs a mutation at most once per `Idempotency-Key` and account: for 24 hours the same key and input
 * get the stored answer. The answer is encrypted, because it may hold what is shown only once. A call
 * that failed leaves nothing behind, so it can be tried again with the same key.
 *
 * Answers are kept for a day, so an account sends a bounded number of keys a day.
 *
 * @throws IdempotencyKeyReused, IdempotentCallRunning, RateLimited
 */
export async function withIdempotency<I extends z.ZodType, O extends z.ZodType>(
  ctx: Context & { actor: AccountActor },
  operation: Mutation<I, O>,
  input: z.output<I>,
  run: (ctx: Context) => Promise<z.output<O>>,
): Promise<z.output<O>> {
  const { secrets } = ctx.platform
  const claim = {
    accountId: ctx.actor.account.id,
    key: ctx.idempotencyKey!,
    operation: operation.name,
    inputHash: sha256(JSON.stringify(input)),
    lockSeconds: LOCK_SECONDS,
  }
  await ctx.platform.rateLimits.count('idempotency', { accountId: claim.accountId, ip: ctx.ip })
  const purpose = `idempotency ${claim.accountId}`
  if (claim.key.length > 255) throw new AppError('invalid_input', 'INVALID_INPUT', 'Idempotency-Key: at most 255 characters')

  const answer = async (inner: Context): Promise<z.output<O>> => {
    if (!(await queries.insertClaim(inner.db, claim))) {
      const stored = await queries.findClaim(inner.db, claim.accountId, claim.key)
      if (!stored) throw new IdempotentCallRunning()
      if (stored.operation !== claim.operation || stored.inputHash !== claim.inputHash) throw new IdempotencyKeyReused()
      if (stored.sealedOutput === null) throw new IdempotentCallRunning()
      ctx.reply.headers['Idempotent-Replayed'] = 'true'
      return JSON.parse(secrets.open(stored.sealedOutput, purpose))
    }
    const output = await run(inner)
    await queries.completeClaim(inner.db, claim.accountId, claim.key, secrets.seal(JSON.stringify(output), purpose))
    return output
  }

  if (operation.transaction) return inTransaction(ctx.db, (db) => answer({ ...ctx, db }))
  try {
    return await answer(ctx)
  } catch (error) {
    if (!(error instanceof IdempotencyKeyReused || error instanceof IdempotentCallRunning))
      await queries.deleteClaim(ctx.db, claim.accountId, claim.key)
    throw error
  }
}

export const forgetExpiredIdempotencyKeys = (platform: Platform) => queries.deleteExpiredClaims(platform)

/** For a server that knows it is the only one, when it starts: calls that were cut off can be made again at once. */
export const releaseInterruptedIdempotencyKeys = (platform: Platform) => queries.deleteUnfinishedClaims(platform.databases.system)
