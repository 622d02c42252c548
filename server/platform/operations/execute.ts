import type { z } from 'zod'
import { countCall, requireFresh, requireScope } from './admission.ts'
import { AuditTrail } from './audit-trail.ts'
import {
  accountOf,
  hasAccount,
  type AccountActor,
  type AccountContext,
  type Context,
  AppError,
  Forbidden,
  type SessionContext,
  ServerStopping,
  toAppError,
  Unauthenticated,
  inTransaction,
} from '../core/index.ts'
import { forgetAnswersOf, refuseIdempotencyKey, streamOnce, withIdempotency } from './idempotency.ts'
import { checkInput, parseInput } from './input-check.ts'
import type { Mutation, Operation, PagedQuery, Query, Repeat, Stream } from './operation.ts'
import { enterStream } from './open-streams.ts'
import { openList, type OpenList, type PageRequest } from './pages.ts'
import { PlacedEvent } from './placed-event.ts'
import { claimStream, type StreamConnection, type TrackedEvent } from './stream-connection.ts'

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
  ctx: Context,
  raw: unknown,
): Promise<z.output<O>> {
  const trail = AuditTrail.of(operation, ctx)
  try {
    const output = await performTold(operation, ctx, raw, trail)
    await trail?.succeeded()
    return output
  } catch (error) {
    await trail?.failed(error)
    throw error
  }
}

async function performTold<I extends z.ZodType, O extends z.ZodType>(
  operation: Query<I, O> | Mutation<I, O>,
  outer: Context,
  raw: unknown,
  trail: AuditTrail | undefined,
): Promise<z.output<O>> {
  const input = await admit(operation, operation.input, outer, raw)
  trail?.admitted(input)
  const ctx = callOf(operation, outer)
  if (operation.kind === 'query') {
    const begun = trail ? await trail.begin(ctx) : ctx
    const output = operation.output.parse(await operation.run(begun as SessionContext, input))
    await trail?.done(begun, output)
    return output
  }
  const run = async (inner: Context) => {
    const begun = trail ? await trail.begin(inner) : inner
    const output = operation.output.parse(await operation.run(begun as SessionContext, input))
    if (operation.removes) await forgetAnswersOf(inner, operation.removes(input))
    await trail?.done(inner, output)
    return output
  }
  if (operation.idempotent && ctx.idempotencyKey) {
    if (!hasAccount(ctx)) refuseIdempotencyKey('nobody is signed in')
    return withIdempotency(ctx, operation, input, run)
  }
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
    const input = await admit(query, pages.input, ctx, raw)
    return openList(name, pages, callOf(query, ctx), input, request)
  })
}

/**
 * Runs an operation that answers bit by bit; each event is parsed as an answer is. Whatever is refused is thrown before
 * the first event; an event that does not fit is a bug, and ends the stream.
 */
export async function executeStream<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  raw: unknown,
): Promise<AsyncGenerator<z.output<O>>> {
  const log = callLog(operation, ctx)
  const input = await refusalsLogged(log, async () => {
    const input = await admit(operation, operation.input, ctx, raw)
    const hasKey = ctx.idempotencyKey !== undefined && operation.isEndless !== true
    if (hasKey && !operation.repeat) refuseIdempotencyKey(`nothing is kept of what ${operation.name} answers as a stream`)
    if (hasKey && !hasAccount(ctx)) refuseIdempotencyKey('nobody is signed in')
    await AuditTrail.of(operation, ctx)?.givesAway(input)
    return input
  })
  return withoutPlaces(endLogged(log, follow(operation, ctx, input)))
}

/**
 * The same for a caller that connects again by itself when the connection breaks. A stream that can be taken up goes on
 * behind `lastEventId`; an endless one that cannot starts over; one with an end is never begun twice.
 *
 * @param connection What the caller says of its last connection, read once the input was.
 * @throws StreamInterrupted where an earlier connection began it.
 */
export async function executeTracked<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  raw: unknown,
  connection: StreamConnection,
): Promise<AsyncGenerator<TrackedEvent<z.output<O>>>> {
  const log = callLog(operation, ctx)
  const { input, claim } = await refusalsLogged(log, async () => {
    const input = await admit(operation, operation.input, ctx, raw)
    await AuditTrail.of(operation, ctx)?.givesAway(input)
    return { input, claim: operation.isEndless ? undefined : await claimStream(operation, ctx, input, connection) }
  })
  const inner = connection.lastEventId === undefined ? ctx : { ...ctx, lastEventId: connection.lastEventId }
  const events = withIds(endLogged(log, follow(operation, inner, input)), ctx.requestId)
  return claim ? onceBegun(events, claim) : events
}

async function* follow<I extends z.ZodType, O extends z.ZodType>(
  operation: Stream<I, O>,
  ctx: Context,
  input: z.output<I>,
): AsyncGenerator<z.output<O> | PlacedEvent<z.output<O>>> {
  // An answer has until the end of the grace; who only watches is told at once.
  const stop = operation.isEndless ? ctx.platform.stopping : ctx.platform.shutdown
  const { stream, leave } = enterStream(ctx.platform, ctx.actor)
  const inner = { ...callOf(operation, ctx), signal: AbortSignal.any([ctx.signal, stop, stream.signal]) } as SessionContext
  const run = (begun: AccountContext) => parsed(operation.output, operation.run(begun, input))
  const { repeat } = operation
  // What can be told again has no places to take it up from.
  const events =
    repeat && inner.idempotencyKey !== undefined
      ? streamOnce(inner, operation, repeat as Repeat<z.output<O> | PlacedEvent<z.output<O>>>, input, run)
      : run(inner)
  try {
    yield* untilStopped(events, stop, stream.signal, operation.isEndless === true)
  } finally {
    leave()
  }
}

type Events<T> = AsyncGenerator<T | PlacedEvent<T>>

async function* parsed<O extends z.ZodType>(schema: O, events: Events<z.input<O>>): Events<z.output<O>> {
  for await (const event of events)
    yield event instanceof PlacedEvent ? new PlacedEvent(event.place, schema.parse(event.event)) : schema.parse(event)
}

async function* withoutPlaces<T>(events: AsyncGenerator<T | PlacedEvent<T>>): AsyncGenerator<T> {
  for await (const event of events) yield event instanceof PlacedEvent ? event.event : event
}

/** Ids of events without a place only say that something has come. */
async function* withIds<T>(events: AsyncGenerator<T | PlacedEvent<T>>, requestId: string): AsyncGenerator<TrackedEvent<T>> {
  let count = 0
  for await (const event of events)
    yield event instanceof PlacedEvent ? { id: event.place, data: event.event } : { id: `${requestId}/${++count}`, data: event }
}

async function* onceBegun<T>(events: AsyncGenerator<T>, claim: NonNullable<Awaited<ReturnType<typeof claimStream>>>): AsyncGenerator<T> {
  let hasBegun = false
  try {
    for await (const event of events) {
      if (!hasBegun) await claim.begun()
      hasBegun = true
      yield event
    }
  } finally {
    if (!hasBegun) await claim.failed()
  }
}

/** The events of a stream; what the server's stop, or the end of the caller's access, cuts off ends with an error that says so. @throws ServerStopping, AccessEnded */
async function* untilStopped<T>(events: AsyncGenerator<T>, stop: AbortSignal, access: AbortSignal, isEndless: boolean): AsyncGenerator<T> {
  try {
    yield* events
  } catch (error) {
    access.throwIfAborted()
    throw stop.aborted && !saysItStops(error) ? new ServerStopping() : error
  }
  access.throwIfAborted()
  if (isEndless && stop.aborted) throw new ServerStopping()
}

/** An operation may have more to say of it, such as what became of a payment. */
const saysItStops = (error: unknown): boolean => error instanceof AppError && error.code === 'SERVER_STOPPING'

/**
 * The context of one call: several of them can come with one request, and each is counted by itself. Who may only look at
 * a workspace still changes what is their own.
 */
function callOf({ bucket, isPersonal }: Operation, ctx: Context): Context {
  const { actor, platform } = ctx
  const isOwn = isPersonal === true && actor.kind === 'session' && actor.role === 'viewer'
  return {
    ...ctx,
    ...(bucket ? { countedIn: bucket } : {}),
    ...(isOwn ? { db: platform.databases.forAccount(actor.account.id, { userId: actor.user.id }) } : {}),
  }
}

/**
 * The log line of a call, one each: who called what, how it ended and how long it took. Never what was sent or answered.
 *
 * @returns writes it.
 */
function callLog(operation: Operation, ctx: Context): (outcome: string) => void {
  const { log, requestId } = ctx
  const began = performance.now()
  return (outcome) => {
    if (!log.isLevelEnabled('info')) return
    const account = hasAccount(ctx) ? accountOf(ctx) : null
    log.info({ requestId, operation: operation.name, account, outcome, ms: Math.round(performance.now() - began) }, 'call')
  }
}

async function logged<T>(operation: Operation, ctx: Context, work: () => Promise<T>): Promise<T> {
  const log = callLog(operation, ctx)
  const result = await refusalsLogged(log, work)
  log('ok')
  return result
}

async function refusalsLogged<T>(log: (outcome: string) => void, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    log(toAppError(error).code)
    throw error
  }
}

/** A stream is over with its last event; a reader that wants no more of it has closed the connection. */
async function* endLogged<T>(log: (outcome: string) => void, events: AsyncGenerator<T>): AsyncGenerator<T> {
  let outcome = 'CLIENT_CLOSED'
  try {
    yield* events
    outcome = 'ok'
  } catch (error) {
    outcome = toAppError(error).code
    throw error
  } finally {
    log(outcome)
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

/** Lets a call in: counts it, checks access and scope, and parses the input by the operation's schema, or by another where only a part of it is asked for. */
async function admit<I extends z.ZodType>(operation: Operation, schema: I, ctx: Context, raw: unknown): Promise<z.output<I>> {
  await countCall(ctx, operation.bucket)
  if (!operation.isCredentialCheck) await ctx.noteUse?.()
  checkAccess(operation, ctx)
  const input = raw instanceof UnreadInput ? await raw.read() : raw
  checkInput(input, schema)
  return parseInput(schema, input)
}

function checkAccess(operation: Operation, ctx: Context): void {
  const { access, isPersonal, scope } = operation
  const { actor, isSafeMethod } = ctx
  const isWrite = operation.kind === 'mutation' || (operation.kind === 'stream' && !operation.isEndless && !operation.isReadOnly)
  if (isSafeMethod && isWrite) throw new UnsafeCallByGet(operation.name)
  if (access === 'public') return
  if (actor.kind === 'invalid') throw new Unauthenticated(actor.reason, 'INVALID_CREDENTIAL')
  if (actor.kind === 'anonymous') {
    if (access !== 'optional') throw new Unauthenticated()
    return
  }
  if (access !== 'account' && access !== 'optional') checkSession(access, actor)
  if (scope && !(isPersonal && actor.kind === 'session')) requireScope(ctx, scope)
}

function checkSession(access: 'session' | 'fresh' | 'admin', actor: AccountActor): void {
  if (actor.kind !== 'session') throw new Unauthenticated('This needs a signed-in session; an API key cannot do it.', 'SESSION_REQUIRED')
  if (access === 'fresh') requireFresh(actor)
  if (access === 'admin' && !actor.user.isAdmin) throw new Forbidden('ADMIN_REQUIRED', 'This is for those who operate the server.')
}
