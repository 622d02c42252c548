import type { z } from 'zod'
import { accountOf, hasAccount, type AccountContext, type Context } from './context.ts'
import { AppError, Forbidden, InvalidInput, toAppError, Unauthenticated } from './errors.ts'
import { withIdempotency } from './idempotency.ts'
import type { Mutation, Operation, Query, Stream } from './operation.ts'
import { findUnstorableText } from './text-check.ts'
import { RateLimitExceeded, type RateLimitState } from './rate-limits.ts'
import { inTransaction } from './transaction.ts'

/**
 * Runs one call from start to end: counts it, checks who calls and with which scope, parses the input,
 * opens the transaction, runs the operation and parses what it returns, which drops every field that
 * is not declared. Nothing else authorises, validates or commits, so no door can forget a step.
 *
 * @throws AppError for every expected failure; anything else is a bug and for the door to hide.
 */
export async function execute<I extends z.ZodType, O extends z.ZodType>(
  operation: Query<I, O> | Mutation<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<z.output<O>> {
  return logged(operation, ctx, () => perform(operation, ctx, raw))
}

async function perform<I extends z.ZodType, O extends z.ZodType>(
  operation: Query<I, O> | Mutation<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<z.output<O>> {
  const input = await admit(operation, ctx, raw)
  if (operation.kind === 'query') return operation.output.parse(await operation.run(ctx as AccountContext, input))
  const run = async (inner: Context) => operation.output.parse(await operation.run(inner as AccountContext, input))
  if (operation.idempotent && ctx.idempotencyKey && hasAccount(ctx)) return withIdempotency(ctx, operation, input, run)
  return operation.transaction ? inTransaction(ctx.db, (db) => run({ ...ctx, db })) : run(ctx)
}

/** The same for an operation that answers bit by bit; whatever is refused is thrown before the first event. */
export async function executeStream<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<AsyncGenerator<z.output<O>>> {
  const input = await logged(operation, ctx, () => admit(operation, ctx, raw))
  return operation.run(ctx as AccountContext, input) as AsyncGenerator<z.output<O>>
}

/** One log line per call: who called what, how it ended and how long it took. Never what was sent or answered. */
async function logged<T>(operation: Operation, ctx: Context, work: () => Promise<T>): Promise<T> {
  const { log, requestId } = ctx
  if (!log.isLevelEnabled('info')) return work()
  const began = performance.now()
  const write = (outcome: string) =>
    log.info(
      {
        requestId,
        operation: operation.name,
        account: hasAccount(ctx) ? accountOf(ctx) : null,
        outcome,
        ms: Math.round(performance.now() - began),
      },
      'call',
    )
  try {
    const result = await work()
    write('ok')
    return result
  } catch (error) {
    write(toAppError(error).code)
    throw error
  }
}

async function admit<I extends z.ZodType>(operation: Operation & { input: I }, ctx: Context, raw: unknown): Promise<z.output<I>> {
  await countCall(operation, ctx)
  checkAccess(operation, ctx)
  const unstorable = findUnstorableText(raw)
  if (unstorable.length > 0) throw new InvalidInput(unstorable)
  const parsed = operation.input.safeParse(raw)
  if (!parsed.success) throw invalidInput(parsed.error)
  return parsed.data
}

async function countCall(operation: Operation, ctx: Context): Promise<void> {
  const { actor, platform, ip, reply } = ctx
  try {
    if (operation.bucket) {
      reply.rateLimit = await platform.rateLimits.count(operation.bucket, { accountId: hasAccount(ctx) ? ctx.actor.account.id : null, ip })
    }
    if (actor.kind === 'key' && actor.rateLimit) {
      reply.rateLimit = tighter(reply.rateLimit, await platform.rateLimits.countKey(actor.keyId, actor.rateLimit))
    }
  } catch (error) {
    if (error instanceof RateLimitExceeded) reply.rateLimit = error.state
    throw error
  }
}

const tighter = (a: RateLimitState | undefined, b: RateLimitState): RateLimitState => (a && a.remaining <= b.remaining ? a : b)

function checkAccess({ access, scope }: Operation, { actor }: Context): void {
  if (access === 'public') return
  if (actor.kind === 'invalid') throw new Unauthenticated(actor.reason, 'INVALID_CREDENTIAL')
  if (actor.kind === 'anonymous') {
    if (access !== 'optional') throw new Unauthenticated()
    return
  }
  if (actor.kind !== 'key') return
  if (access === 'session') throw new Unauthenticated('This needs a signed-in session; an API key cannot do it.', 'SESSION_REQUIRED')
  if (scope && actor.scopes && !actor.scopes.includes(scope)) {
    throw new Forbidden('SCOPE_REQUIRED', `This API key lacks the scope "${scope}".`, { scope })
  }
}

/** Every field that did not fit, by its path, and what was expected there. */
export const invalidInput = (error: z.ZodError): AppError =>
  new InvalidInput(error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })))
