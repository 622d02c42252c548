import type { z } from 'zod'
import { accountOf, hasAccount, type Context, AppError, InvalidInput, sha256 } from '../core/index.ts'
import { IdempotencyKeyReused } from './idempotency.ts'
import * as queries from './idempotency.queries.ts'
import type { Stream } from './operation.ts'

/** What a caller that connects again by itself, such as an EventSource, says of the connection it had. */
export interface StreamConnection {
  /** Id of the last event it got; undefined for a first connection, and where nothing had come yet. */
  lastEventId?: string
}

/** An event, and what to say to get what comes after it. */
export interface TrackedEvent<T> {
  id: string
  data: T
}

/** A day: as long as answers to an `Idempotency-Key` are kept. */
const CLAIM_SECONDS = 24 * 60 * 60
const MAX_EVENT_ID = 500
const MAX_KEY = 255

/**
 * The connection broke while an operation was done that must not be done twice. How it ended is in the history; what is
 * to be done again is called again, as a new call.
 */
export class StreamInterrupted extends AppError {
  constructor(name: string) {
    super(
      'conflict',
      'STREAM_INTERRUPTED',
      `The connection broke during ${name}, which was not done a second time. See what came of it, or call it again.`,
    )
  }
}

/** @throws InvalidInput */
export function readEventId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value.length > MAX_EVENT_ID)
    throw new InvalidInput([{ field: 'lastEventId', message: `expected the id of an event, at most ${MAX_EVENT_ID} characters` }])
  return value
}

/**
 * Makes sure that a stream with an end is begun once, however often its caller connects: a connection that follows
 * another one is refused, and so is a second one with the same `Idempotency-Key`.
 *
 * @returns what to do with the key when the first event comes, and when it fails before.
 * @throws StreamInterrupted, IdempotencyKeyReused, RateLimited, InvalidInput
 */
export async function claimStream<I extends z.ZodType>(
  operation: Stream<I>,
  ctx: Context,
  input: z.output<I>,
  { lastEventId }: StreamConnection,
): Promise<{ begun(): Promise<void>; failed(): Promise<void> }> {
  if (lastEventId !== undefined) throw new StreamInterrupted(operation.name)
  const { idempotencyKey: key, db } = ctx
  if (key === undefined || !hasAccount(ctx)) return { begun: async () => undefined, failed: async () => undefined }
  if (key.length > MAX_KEY) throw new InvalidInput([{ field: 'Idempotency-Key', message: `at most ${MAX_KEY} characters` }])
  const accountId = accountOf(ctx)
  await ctx.platform.rateLimits.count('idempotency', { accountId, ip: ctx.ip })
  const claim = { accountId, key, operation: operation.name, inputHash: sha256(JSON.stringify(input)), lockSeconds: CLAIM_SECONDS }
  if (!(await queries.insertClaim(db, claim))) {
    const earlier = await queries.findClaim(db, accountId, key)
    if (earlier && (earlier.operation !== claim.operation || earlier.inputHash !== claim.inputHash)) throw new IdempotencyKeyReused()
    throw new StreamInterrupted(operation.name)
  }
  return {
    // Nothing is kept of the events; the key is used up all the same.
    begun: async () => void (await queries.completeClaim(db, accountId, key, '')),
    failed: async () => void (await queries.deleteClaim(db, accountId, key)),
  }
}
