import { cutText } from './text-check.ts'
import { DatabaseConflict, DatabaseDiskFull, DatabaseReadOnly, DatabaseUnreachable, ReferencedRowGone } from '#db/database-failures.ts'

/**
 * The one table of failures. Every transport reads its status from here, so that a failure cannot mean
 * one thing over REST and another over tRPC or GraphQL.
 */
export const errorKinds = {
  invalid_input: { status: 400, trpc: 'BAD_REQUEST', title: 'Invalid input' },
  unauthenticated: { status: 401, trpc: 'UNAUTHORIZED', title: 'Not signed in' },
  payment_required: { status: 402, trpc: 'PAYMENT_REQUIRED', title: 'Payment required' },
  forbidden: { status: 403, trpc: 'FORBIDDEN', title: 'Not allowed' },
  not_found: { status: 404, trpc: 'NOT_FOUND', title: 'Not found' },
  method_not_allowed: { status: 405, trpc: 'METHOD_NOT_SUPPORTED', title: 'Method not allowed' },
  timeout: { status: 408, trpc: 'TIMEOUT', title: 'Request too slow' },
  conflict: { status: 409, trpc: 'CONFLICT', title: 'Conflict' },
  too_large: { status: 413, trpc: 'PAYLOAD_TOO_LARGE', title: 'Body too large' },
  unsupported_media: { status: 415, trpc: 'UNSUPPORTED_MEDIA_TYPE', title: 'Unsupported media type' },
  unprocessable: { status: 422, trpc: 'UNPROCESSABLE_CONTENT', title: 'Cannot be processed' },
  rate_limited: { status: 429, trpc: 'TOO_MANY_REQUESTS', title: 'Too many requests' },
  headers_too_large: { status: 431, trpc: 'BAD_REQUEST', title: 'Headers too large' },
  client_closed: { status: 499, trpc: 'CLIENT_CLOSED_REQUEST', title: 'Connection closed' },
  internal: { status: 500, trpc: 'INTERNAL_SERVER_ERROR', title: 'Internal error' },
  upstream: { status: 502, trpc: 'BAD_GATEWAY', title: 'Upstream failed' },
  unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', title: 'Not available' },
} as const

export type ErrorKind = keyof typeof errorKinds

/** The documented REST error body, and the shape GraphQL and tRPC carry in their extensions. */
export interface ErrorBody {
  error: string
  code: string
  [detail: string]: unknown
}

/**
 * Base of all expected failures. `kind` picks the status, `code` is stable once published, and
 * `message` and `details` are safe to show to the caller.
 */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly details: Record<string, unknown>

  constructor(kind: ErrorKind, code: string, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.kind = kind
    this.code = code
    this.details = details
  }

  get status(): number {
    return errorKinds[this.kind].status
  }

  toBody(): ErrorBody {
    return { ...this.details, error: this.message, code: this.code }
  }
}

/** One field that was refused: its path from the root of the input, and what was expected there. */
export interface FieldProblem {
  field: string
  message: string
}

/** Most problems an answer names; what one caller sent wrong must not fill an answer. */
export const MAX_PROBLEMS = 20
const MAX_FIELD_CHARS = 200
const MAX_MESSAGE_CHARS = 500

const shorten = (text: string, max: number): string => (text.length > max ? `${cutText(text, max)}…` : text)

/**
 * The input does not fit its schema. `fields` names the first problems, `message` says them in words;
 * of more than 20, `moreProblems` counts the rest.
 */
export class InvalidInput extends AppError {
  readonly fields: readonly FieldProblem[]
  /** How many problems there are in all. */
  readonly count: number

  /**
   * @param count How many problems there are, where `problems` does not have them all.
   * @param code of a kind of problem that callers tell from others.
   */
  constructor(
    problems: readonly FieldProblem[],
    {
      count = problems.length,
      code = 'INVALID_INPUT',
      details = {},
    }: { count?: number; code?: string; details?: Record<string, unknown> } = {},
  ) {
    const fields = problems.slice(0, MAX_PROBLEMS).map(({ field, message }) => ({
      field: shorten(field, MAX_FIELD_CHARS),
      message: shorten(message, MAX_MESSAGE_CHARS),
    }))
    const more = count - fields.length
    const message = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ')
    super('invalid_input', code, (message || 'The input is malformed.') + (more > 0 ? `; and ${more} more` : ''), {
      ...details,
      fields,
      ...(more > 0 ? { moreProblems: more } : {}),
    })
    this.fields = fields
    this.count = count
  }
}

/** Whoever called closed the connection before there was an answer. Nobody sees it but the log. */
export class ClientClosed extends AppError {
  constructor() {
    super('client_closed', 'CLIENT_CLOSED', 'The caller closed the connection.')
  }
}

export class Unauthenticated extends AppError {
  constructor(message = 'Sign in or send an API key.', code = 'UNAUTHENTICATED') {
    super('unauthenticated', code, message)
  }
}

export class Forbidden extends AppError {
  constructor(code: string, message: string, details?: Record<string, unknown>) {
    super('forbidden', code, message, details)
  }
}

export class RateLimited extends AppError {
  constructor(retryAfterSeconds: number) {
    super('rate_limited', 'RATE_LIMITED', `Too many requests. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
  }
}

/** Seconds after which a call is worth another try when the database or its disk was in the way. */
const RETRY_AFTER_SECONDS = 5

/** The database did not answer, or not in time; the call may or may not have been carried out. */
export class DatabaseUnavailable extends AppError {
  constructor(cause: DatabaseUnreachable) {
    const details = { retryAfterSeconds: RETRY_AFTER_SECONDS }
    super('unavailable', 'DATABASE_UNAVAILABLE', 'The database does not answer. Try again shortly.', details, { cause })
  }
}

/** There is no room for what the call would store; nothing of it was stored. */
export class DiskFull extends AppError {
  constructor(cause?: unknown) {
    const details = { retryAfterSeconds: RETRY_AFTER_SECONDS }
    super('unavailable', 'DISK_FULL', 'The disk of the server is full. Nothing was stored.', details, { cause })
  }
}

/** Too many others change the same at the same moment; nothing of the call was stored. */
export class TooMuchAtOnce extends AppError {
  constructor(cause: DatabaseConflict) {
    const details = { retryAfterSeconds: 1 }
    super('unavailable', 'CONCURRENT_CHANGES', 'Too many calls change the same at once. Try again shortly.', details, { cause })
  }
}

/** What the call is about was there when it began and is gone; nothing of the call was stored. */
export class GoneMeanwhile extends AppError {
  constructor(cause: ReferencedRowGone) {
    super('not_found', 'GONE_MEANWHILE', 'What this call refers to was deleted while it ran.', {}, { cause })
  }
}

/** The second barrier for who may only look: the database refused to write for them. */
export class ReadOnly extends AppError {
  constructor(cause: DatabaseReadOnly) {
    super('forbidden', 'READ_ONLY', 'Your role in this workspace lets you look, not change anything.', {}, { cause })
  }
}

/** The server has been told to stop. The same call works again in a moment, at this server or another. */
export class ServerStopping extends AppError {
  constructor() {
    super('unavailable', 'SERVER_STOPPING', 'The server is stopping. Try again in a moment.', { retryAfterSeconds: 5 })
  }
}

/** What a caller is told of a failure nobody expected; the cause is only logged. */
export class InternalError extends AppError {
  constructor(cause: unknown) {
    super('internal', 'INTERNAL_ERROR', 'Something broke on our side.', {}, { cause })
  }
}

/** Any thrown value as an `AppError`; what nobody expected becomes `InternalError`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof DatabaseUnreachable) return new DatabaseUnavailable(error)
  if (error instanceof DatabaseDiskFull) return new DiskFull(error)
  if (error instanceof DatabaseReadOnly) return new ReadOnly(error)
  if (error instanceof DatabaseConflict) return new TooMuchAtOnce(error)
  if (error instanceof ReferencedRowGone) return new GoneMeanwhile(error)
  return new InternalError(error)
}
