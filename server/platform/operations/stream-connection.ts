import type { z } from 'zod'
import { hasAccount, type Context, AppError, InvalidInput } from '../core/index.ts'
import { IdempotentCall, IdempotentCallRunning } from './idempotency.ts'
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

const MAX_EVENT_ID = 500

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
 * another one is refused, and so is a second one with the same `Idempotency-Key`, where the stream cannot be told again.
 *
 * @returns what to do with the key when the first event comes, and when it ends before; undefined where nothing is to be done.
 * @throws StreamInterrupted, IdempotencyKeyReused, RateLimited, InvalidInput
 */
export async function claimStream<I extends z.ZodType>(
  operation: Stream<I>,
  ctx: Context,
  input: z.output<I>,
  { lastEventId }: StreamConnection,
): Promise<{ begun(): Promise<void>; failed(): Promise<void> } | undefined> {
  if (lastEventId !== undefined) throw new StreamInterrupted(operation.name)
  if (ctx.idempotencyKey === undefined || !hasAccount(ctx) || operation.repeat) return undefined
  const call = await IdempotentCall.of(ctx, operation, input)
  const ending = (work: Promise<void>) => work.finally(() => call.end())
  try {
    if ('ctx' in (await call.begin(ctx))) return { begun: () => ending(call.use(ctx)), failed: () => ending(call.release(ctx)) }
  } catch (error) {
    call.end()
    if (!(error instanceof IdempotentCallRunning)) throw error
  }
  throw new StreamInterrupted(operation.name)
}
