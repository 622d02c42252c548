import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import {
  type AccountContext,
  type Attempt,
  type Context,
  type Platform,
  accountOf,
  callerIdOf,
  AppError,
  hasAccount,
  inTransaction,
  InvalidInput,
  newId,
  sha256,
} from '../core/index.ts'
import type { SealedColumn } from '../rotation/index.ts'
import { carriesSecret } from '../core/secret-fields.contract.ts'
import * as queries from './idempotency.queries.ts'
import type { Mutation, Repeat, Stream } from './operation.ts'

const MAX_KEY = 255

/** How often a repeated stream looks whether the first one has ended. */
const POLL_MS = 200

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

/** The call was done before, and its answer was a secret that is kept nowhere. */
export class SecretShownBefore extends AppError {
  constructor(id: string | undefined) {
    const made = id === undefined ? 'what it made' : `"${id}"`
    super(
      'conflict',
      'SECRET_SHOWN_BEFORE',
      `This call was done before, and the secret of ${made} was shown then; it is kept nowhere. Delete it and make another one, with a new Idempotency-Key.`,
      id === undefined ? {} : { id },
    )
  }
}

/** What answers that are kept are sealed for. */
const answerPurpose = (accountId: string): string => `idempotency ${accountId}`

export const sealedAnswers: SealedColumn = {
  table: 'idempotency_keys',
  column: 'sealed_output',
  purpose: ({ accountId }) => answerPurpose(accountId!),
}

/** The call was done before, by a version of this server whose answers had another form: what is missing in it nobody knows. */
export class AnswerOfEarlierVersion extends AppError {
  constructor() {
    super(
      'conflict',
      'ANSWER_OF_EARLIER_VERSION',
      'This call was done before, by an earlier version of this server whose answer cannot be given any more. What it made is there.',
    )
  }
}

/** @throws InvalidInput for a call whose `Idempotency-Key` cannot be kept to: it would be done twice without a word. */
export function refuseIdempotencyKey(why: string): never {
  throw new InvalidInput([{ field: 'Idempotency-Key', message: `${why}, so a call cannot be kept from being done twice: send it without` }])
}

/** Attempts that run in this process. What the database has in its name besides them was left behind. */
const running = new Set<string>()

/** A call with an `Idempotency-Key`, as it is told from others. */
export class IdempotentCall {
  readonly #claim: queries.Claim
  readonly #platform: Platform

  /** @throws RateLimited, InvalidInput */
  static async of(ctx: AccountContext, operation: Pick<Mutation | Stream, 'name'>, input: unknown): Promise<IdempotentCall> {
    const accountId = accountOf(ctx)
    const caller = callerIdOf(ctx.actor)
    const key = ctx.idempotencyKey!
    await ctx.platform.rateLimits.count('idempotency', { callerId: caller, ip: ctx.ip })
    if (key.length > MAX_KEY) throw new InvalidInput([{ field: 'Idempotency-Key', message: `at most ${MAX_KEY} characters` }])
    const claim = {
      accountId,
      caller,
      key,
      operation: operation.name,
      inputHash: sha256(JSON.stringify(input)),
      attemptId: newId('attempt'),
    }
    return new IdempotentCall(ctx.platform, claim)
  }

  private constructor(platform: Platform, claim: queries.Claim) {
    this.#platform = platform
    this.#claim = claim
  }

  /**
   * Takes the key for this call.
   *
   * @returns the context to run it with; or, when it was done before, its sealed answer.
   * @throws IdempotencyKeyReused, IdempotentCallRunning
   */
  async begin<C extends Context>(ctx: C): Promise<{ ctx: C } | { answer: string; things: string[] }> {
    const { operation, inputHash, attemptId } = this.#claim
    running.add(attemptId)
    const claimed = await queries.insertClaim(ctx.db, this.#claim, { serverId: this.#platform.serverId, workIds: [...running] })
    if (claimed) return { ctx: { ...ctx, attempt: this.#attemptWith(claimed.things[0]) } }
    const earlier = await queries.findClaim(ctx.db, this.#claim)
    if (earlier && (earlier.operation !== operation || earlier.inputHash !== inputHash)) throw new IdempotencyKeyReused()
    if (!earlier || earlier.sealedOutput === null) throw new IdempotentCallRunning()
    return { answer: earlier.sealedOutput, things: earlier.things }
  }

  /** This process works on the call no longer. */
  end(): void {
    running.delete(this.#claim.attemptId)
  }

  #attemptWith(stored: string | undefined): Attempt {
    return {
      stored,
      note: async (db, ...things) => {
        if (!(await queries.noteThings(db, this.#claim, things))) throw new IdempotentCallRunning()
      },
    }
  }

  /** Keeps the answer, encrypted. */
  async complete(ctx: Context, answer: unknown, things?: string[]): Promise<void> {
    await queries.completeClaim(ctx.db, this.#claim, this.#platform.secrets.seal(JSON.stringify(answer), this.#purpose), things)
  }

  /** Uses the key up without an answer. */
  async use(ctx: Context, things?: string[]): Promise<void> {
    await queries.completeClaim(ctx.db, this.#claim, '', things)
  }

  /** The call did not get to the end: it can be made again, and goes on with what it stored. */
  async release(ctx: Context): Promise<void> {
    await queries.releaseClaim(ctx.db, this.#claim)
  }

  /** @throws AnswerOfEarlierVersion */
  open<O extends z.ZodType>(answer: string, schema: O): z.output<O> {
    const { data, success } = schema.safeParse(JSON.parse(this.#platform.secrets.open(answer, this.#purpose)))
    if (!success) throw new AnswerOfEarlierVersion()
    return data
  }

  get #purpose(): string {
    return answerPurpose(this.#claim.accountId)
  }
}

/**
 * Runs a mutation at most once per `Idempotency-Key` and account: for 24 hours the same key and input
 * get the stored answer, which is encrypted. A call that failed, or was cut off, can be made again with the same
 * key, and goes on with what it had stored (`ctx.attempt`). Answers are kept for a day, so an account sends a bounded
 * number of keys a day, and are forgotten with what the call made. One that carries a secret is not kept at all.
 *
 * @throws IdempotencyKeyReused, IdempotentCallRunning, SecretShownBefore, AnswerOfEarlierVersion, RateLimited, InvalidInput
 */
export async function withIdempotency<I extends z.ZodType, O extends z.ZodType>(
  ctx: AccountContext,
  operation: Mutation<I, O>,
  input: unknown,
  run: (ctx: AccountContext) => Promise<z.output<O>>,
): Promise<z.output<O>> {
  const isSecret = carriesSecret(operation.output)
  const call = await IdempotentCall.of(ctx, operation, input)
  const answer = async (outer: AccountContext): Promise<z.output<O>> => {
    const begun = await call.begin(outer)
    if (!('ctx' in begun)) {
      if (isSecret) throw new SecretShownBefore(begun.things[0])
      const output = call.open(begun.answer, operation.output)
      ctx.reply.headers['Idempotent-Replayed'] = 'true'
      return output
    }
    try {
      const output = await run(begun.ctx)
      const things = operation.makes?.(output, input as z.output<I>)
      await (isSecret ? call.use(outer, things) : call.complete(outer, output, things))
      return output
    } catch (error) {
      // A transaction takes its claim back with it.
      if (!operation.transaction) await call.release(outer)
      throw error
    }
  }
  try {
    return await (operation.transaction ? inTransaction(ctx.db, (db) => answer({ ...ctx, db })) : answer(ctx))
  } finally {
    call.end()
  }
}

/** As withIdempotency, where the caller sent a key; for inputs that are known only once the operation has begun. */
export const onceForKey = <I extends z.ZodType, O extends z.ZodType>(
  ctx: AccountContext,
  operation: Mutation<I, O>,
  input: unknown,
  run: (ctx: AccountContext) => Promise<z.output<O>>,
): Promise<z.output<O>> => (ctx.idempotencyKey ? withIdempotency(ctx, operation, input, run) : run(ctx))

/**
 * The events of a stream that is done at most once per `Idempotency-Key` and account. Who repeats it while it runs waits for
 * its end, and then gets what came of it; one that failed or was left goes on with what it had stored.
 *
 * @throws as withIdempotency does, before the first event.
 */
export async function* streamOnce<Event>(
  ctx: AccountContext,
  operation: Pick<Stream, 'name' | 'output'>,
  repeat: Repeat<Event>,
  input: unknown,
  run: (ctx: AccountContext) => AsyncGenerator<Event>,
): AsyncGenerator<Event> {
  const call = await IdempotentCall.of(ctx, operation, input)
  try {
    const begun = await beginWhenFree(call, ctx)
    if ('ctx' in begun) return yield* keepLast(call, ctx, repeat, run(begun.ctx))
    const events = repeat.events(call.open(begun.answer, operation.output) as Event)
    ctx.reply.headers['Idempotent-Replayed'] = 'true'
    yield* events
  } finally {
    call.end()
  }
}

async function* keepLast<Event>(
  call: IdempotentCall,
  ctx: AccountContext,
  { isLast }: Repeat<Event>,
  events: AsyncGenerator<Event>,
): AsyncGenerator<Event> {
  let isComplete = false
  try {
    for await (const event of events) {
      // Before the caller has it, who may leave with it.
      if (isLast(event)) {
        await call.complete(ctx, event)
        isComplete = true
      }
      yield event
    }
  } finally {
    if (!isComplete) await call.release(ctx)
  }
}

async function beginWhenFree(call: IdempotentCall, ctx: AccountContext): ReturnType<typeof call.begin<AccountContext>> {
  const signal = AbortSignal.any([ctx.signal, ctx.platform.stopping])
  for (;;) {
    try {
      return await call.begin(ctx)
    } catch (error) {
      if (!(error instanceof IdempotentCallRunning)) throw error
      await delay(POLL_MS, undefined, { signal }).catch(() => Promise.reject(error))
    }
  }
}

/** Forgets the answers of calls that made a thing which is gone. */
export async function forgetAnswersOf(ctx: Context, thing: string): Promise<void> {
  if (hasAccount(ctx)) await queries.deleteClaimsOf(ctx.db, accountOf(ctx), thing)
}

export const forgetExpiredIdempotencyKeys = (platform: Platform) => queries.deleteExpiredClaims(platform)

/** For a server that knows it is the only one, when it starts: calls that were cut off can be made again at once. */
export const releaseInterruptedIdempotencyKeys = (platform: Platform) => queries.releaseUnfinishedClaims(platform.databases.system)
