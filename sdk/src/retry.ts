import { AgentbotError, codeOfStatus, ConnectionError, TimeoutError } from './errors.ts'

/**
 * Which failures of a call may be tried again. `full`: every passing one, for reads, and for calls the
 * server runs once per Idempotency-Key. `unsent`: only where the server surely did not begin.
 */
export type RetryPolicy = 'full' | 'unsent'

const BASE_MS = 500
const MAX_BACKOFF_MS = 8_000
/** A server that asks for a longer wait than this is not waited for; the error says how long it asked for. */
const MAX_WAIT_MS = 60_000

const passingStatus = new Set([408, 429, 502, 503, 504])
const unsentStatus = new Set([429, 503])

/**
 * Milliseconds to wait before the next try, or undefined when there should be none. Without an order of
 * the server it is a random time up to 500 ms, 1 s, 2 s and so on, at most 8 s; `Retry-After` is waited
 * out in full, and a little random time more so that clients do not come back all at once.
 *
 * @param attempt Tries made so far, counted from 1.
 * @param random A number from 0 up to 1.
 */
export function retryDelayMs(error: unknown, attempt: number, policy: RetryPolicy, random: number): number | undefined {
  if (!(error instanceof AgentbotError) || !isPassing(error, policy)) return undefined
  if (error.retryAfterSeconds === undefined) return random * Math.min(MAX_BACKOFF_MS, BASE_MS * 2 ** (attempt - 1))
  const waitMs = error.retryAfterSeconds * 1000
  return waitMs > MAX_WAIT_MS ? undefined : waitMs + random * BASE_MS
}

/**
 * A failure that the server itself names, such as MODEL_FAILED or AGENT_LIMIT_REACHED, is its considered
 * answer; only when it asks for another try is there one. What a proxy answers has no code.
 */
function isPassing(error: AgentbotError, policy: RetryPolicy): boolean {
  if (error instanceof TimeoutError) return policy === 'full'
  if (error instanceof ConnectionError) return policy === 'full' || isUnsent(error)
  if (error.code === 'IDEMPOTENT_CALL_RUNNING') return true
  if (hasOwnCode(error) && error.retryAfterSeconds === undefined) return false
  return (policy === 'full' ? passingStatus : unsentStatus).has(error.status ?? 0)
}

const hasOwnCode = ({ code, status }: AgentbotError): boolean => code !== codeOfStatus(status)

/** Whether the connection was never made; only Node says so. */
function isUnsent({ cause }: ConnectionError): boolean {
  for (let reason = cause; reason instanceof Error; reason = reason.cause) {
    if ('code' in reason && ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(reason.code))) return true
  }
  return false
}

/** Seconds from a `Retry-After` header: a number of seconds or a date. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000)
}
