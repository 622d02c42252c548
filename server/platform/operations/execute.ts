import type { z } from 'zod'
import { countIn, countKey, requireScope } from './admission.ts'
import { accountOf, hasAccount, type AccountContext, type Context } from '../core/context.ts'
import { AppError, InvalidInput, MAX_PROBLEMS, ServerStopping, toAppError, Unauthenticated } from '../core/errors.ts'
import { withIdempotency } from './idempotency.ts'
import { checkInput } from './input-check.ts'
import type { Mutation, Operation, Query, Stream } from './operation.ts'
import { inTransaction } from '../core/transaction.ts'

/** Input that is still on its way; it is read once the call has been let in. */
export class UnreadInput {
  readonly read: () => Promise<unknown>
  constructor(read: () => Promise<unknown>) {
    this.read = read
  }
}

/** What changes something was asked for in a way that must not change anything: a link on any page can make a browser do that. */
class UnsafeCallByGet extends AppError {
  constructor(name: string) {
    super('method_not_allowed', 'METHOD_NOT_ALLOWED', `${name} changes something, so it has to be called with POST.`)
  }
}

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
  outer: Context,
  raw: unknown,
): Promise<z.output<O>> {
  const input = await admit(operation, outer, raw)
  const ctx = counted(operation, outer)
  if (operation.kind === 'query') return operation.output.parse(await operation.run(ctx as AccountContext, input))
  const run = async (inner: Context) => operation.output.parse(await operation.run(inner as AccountContext, input))
  if (operation.idempotent && ctx.idempotencyKey && hasAccount(ctx)) return withIdempotency(ctx, operation, input, run)
  return operation.transaction ? inTransaction(ctx.db, (db) => run({ ...ctx, db })) : run(ctx)
}

/**
 * The same for an operation that answers bit by bit, each event of which is parsed like an answer. Whatever is refused is thrown
 * before the first event; an event that does not fit is a bug, and ends the stream.
 */
export async function executeStream<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<AsyncGenerator<z.output<O>>> {
  const input = await logged(operation, ctx, () => admit(operation, ctx, raw))
  // An answer has until the end of the grace; who only watches is told at once.
  const stop = operation.isEndless ? ctx.platform.stopping : ctx.platform.shutdown
  const inner = { ...counted(operation, ctx), signal: AbortSignal.any([ctx.signal, stop]) }
  return untilStopped(parsed(operation.output, operation.run(inner as AccountContext, input)), stop, operation.isEndless === true)
}

async function* parsed<O extends z.ZodType>(schema: O, events: AsyncGenerator<z.input<O>>): AsyncGenerator<z.output<O>> {
  for await (const event of events) yield schema.parse(event)
}

/** The events of a stream; what the server's stop cuts off ends with an error that says so. @throws ServerStopping */
async function* untilStopped<T>(events: AsyncGenerator<T>, stop: AbortSignal, isEndless: boolean): AsyncGenerator<T> {
  try {
    yield* events
  } catch (error) {
    throw stop.aborted ? new ServerStopping() : error
  }
  if (isEndless && stop.aborted) throw new ServerStopping()
}

/** The context of one call: several of them can come with one request, and each is counted by itself. */
const counted = ({ bucket }: Operation, ctx: Context): Context => (bucket ? { ...ctx, countedIn: bucket } : ctx)

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

/** Whether the caller may call the operation, as far as can be said without the input. It counts nothing. */
export function isAllowed(operation: Operation, ctx: Context): boolean {
  try {
    checkAccess(operation, ctx)
    return true
  } catch {
    return false
  }
}

async function admit<I extends z.ZodType>(operation: Operation & { input: I }, ctx: Context, raw: unknown): Promise<z.output<I>> {
  if (operation.bucket) await countIn(ctx, operation.bucket)
  await countKey(ctx)
  checkAccess(operation, ctx)
  const input = raw instanceof UnreadInput ? await raw.read() : raw
  checkInput(input, operation.input)
  const parsed = operation.input.safeParse(input)
  if (!parsed.success) throw invalidInput(parsed.error)
  return parsed.data
}

function checkAccess(operation: Operation, ctx: Context): void {
  const { access, scope } = operation
  const { actor, isSafeMethod } = ctx
  const isWrite = operation.kind === 'mutation' || (operation.kind === 'stream' && !operation.isEndless)
  if (isSafeMethod && isWrite) throw new UnsafeCallByGet(operation.name)
  if (access === 'public') return
  if (actor.kind === 'invalid') throw new Unauthenticated(actor.reason, 'INVALID_CREDENTIAL')
  if (actor.kind === 'anonymous') {
    if (access !== 'optional') throw new Unauthenticated()
    return
  }
  if (access === 'session' && actor.kind === 'key')
    throw new Unauthenticated('This needs a signed-in session; an API key cannot do it.', 'SESSION_REQUIRED')
  if (scope) requireScope(ctx, scope)
}

/** Every field that did not fit, by its path, and what was expected there. */
export const invalidInput = ({ issues }: z.ZodError): AppError =>
  new InvalidInput(
    issues.slice(0, MAX_PROBLEMS).map((issue) => ({ field: issue.path.join('.'), message: issue.message })),
    { count: issues.length },
  )
