import type { z } from 'zod'
import { countCall, requireScope } from './admission.ts'
import {
  accountOf,
  hasAccount,
  type AccountContext,
  type Context,
  AppError,
  ServerStopping,
  toAppError,
  Unauthenticated,
  inTransaction,
} from '../core/index.ts'
import { withIdempotency } from './idempotency.ts'
import { checkInput, parseInput } from './input-check.ts'
import type { Mutation, Operation, PagedQuery, Query, Stream } from './operation.ts'
import { openList, type OpenList, type PageRequest } from './pages.ts'

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
 * is not declared. Nothing else authorises, validates or commits, so no transport can forget a step.
 *
 * @throws AppError for every expected failure; anything else is a bug and for the transport to hide.
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
 * Lets one call in to the list of a query, as `execute` does to the query itself. What of it is read is up to the caller.
 *
 * @throws AppError as `execute` does; InvalidInput naming `first` or `after`.
 */
export async function executeList(query: PagedQuery, ctx: Context, raw: unknown, request: PageRequest): Promise<OpenList> {
  const { name, pages } = query
  return logged(query, ctx, async () => {
    const input = await admit({ ...query, input: pages.input }, ctx, raw)
    return openList(name, pages, counted(query, ctx), input, request)
  })
}

/** The same for an operation that answers bit by bit; whatever is refused is thrown before the first event. */
export async function executeStream<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<AsyncGenerator<z.output<O>>> {
  const input = await logged(operation, ctx, () => admit(operation, ctx, raw))
  // An answer has until the end of the grace; who only watches is told at once.
  const stop = operation.isEndless ? ctx.platform.stopping : ctx.platform.shutdown
  const inner = { ...counted(operation, ctx), signal: AbortSignal.any([ctx.signal, stop]) }
  return untilStopped(operation.run(inner as AccountContext, input) as AsyncGenerator<z.output<O>>, stop, operation.isEndless === true)
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
  await countCall(ctx, operation.bucket)
  checkAccess(operation, ctx)
  const input = raw instanceof UnreadInput ? await raw.read() : raw
  checkInput(input, operation.input)
  return parseInput(operation.input, input)
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
