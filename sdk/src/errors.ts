/** What an error is made from. */
export interface ErrorFacts {
  status?: number
  code: string
  requestId?: string
  details?: Record<string, unknown>
  retryAfterSeconds?: number
  cause?: unknown
}

/**
 * Base of every failure of a call. `message` says what went wrong, for people; `code` says it for
 * programs and is stable (`AGENT_LIMIT_REACHED`).
 */
export class AgentbotError extends Error {
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined
  /** Stable, upper-case code of the failure. */
  readonly code: string
  /** Id under which the server's log has the call; undefined when the server could not be reached. */
  readonly requestId: string | undefined
  /** Further facts, by name, such as `fields` of a refused input or `limit` of a plan. */
  readonly details: Record<string, unknown>
  /** Seconds the server asked to wait before another try. */
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, { status, code, requestId, details = {}, retryAfterSeconds, cause }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.status = status
    this.code = code
    this.requestId = requestId
    this.details = details
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** 400: the input does not fit. `details.fields` lists each field and what was expected there. */
export class InvalidRequestError extends AgentbotError {}
/** 401: no credential, a bad one, or an API key where only a session will do (`SESSION_REQUIRED`). */
export class AuthenticationError extends AgentbotError {}
/** 402: the account has no active plan or trial. */
export class PaymentRequiredError extends AgentbotError {}
/** 403: not allowed, such as a key without the scope `details.scope`. */
export class PermissionError extends AgentbotError {}
/** 404: there is no such thing, or it belongs to somebody else. */
export class NotFoundError extends AgentbotError {}
/** 409: it collides with what is there, such as a name that is taken. */
export class ConflictError extends AgentbotError {}
/** 429: too many calls (`retryAfterSeconds`), or a limit of the plan is reached (`AGENT_LIMIT_REACHED`). */
export class RateLimitError extends AgentbotError {}
/** 5xx: the server, or a model it called, failed. */
export class ServerError extends AgentbotError {}
/** The server could not be reached, or the connection broke. `code` is `CONNECTION_FAILED`; `cause` has the reason. */
export class ConnectionError extends AgentbotError {}
/** One try took longer than its time-out. `code` is `TIMEOUT`. */
export class TimeoutError extends AgentbotError {}

const classOfStatus: Record<number, typeof AgentbotError> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  402: PaymentRequiredError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
}

/** The typed error of an error body. `body` is what the server sent: JSON, text of some proxy, or nothing. */
export function errorFrom(status: number, body: unknown, requestId: string | undefined, retryAfterSeconds?: number): AgentbotError {
  const { error, code, retryAfterSeconds: told, ...details } = isRecord(body) ? body : {}
  const message = typeof error === 'string' && error !== '' ? error : `The server answered ${status}.`
  const ErrorClass = classOfStatus[status] ?? (status >= 500 ? ServerError : AgentbotError)
  return new ErrorClass(message, {
    status,
    code: typeof code === 'string' ? code : codeOfStatus(status),
    requestId,
    details,
    retryAfterSeconds: retryAfterSeconds ?? (typeof told === 'number' ? told : undefined),
  })
}

/** The code of an answer that brings none. */
export const codeOfStatus = (status: number | undefined): string => `HTTP_${status}`

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
