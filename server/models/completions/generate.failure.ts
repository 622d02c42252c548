import { APICallError, InvalidResponseDataError, JSONParseError, TypeValidationError } from 'ai'
import { ZodError } from 'zod'
import { AnswerTooLarge } from '#server/platform/flow/index.ts'
import type { FinishReason, ModelFailure } from '../catalogue/index.ts'
import { UpstreamRefused } from './upstream.ts'

/** The answer ended, but not as an answer does. `message` is the end of a sentence that begins with the model's name. */
export class UnusableAnswer extends Error {}

const statusWords: Record<number, string> = {
  400: 'the request was refused',
  401: 'the API key was refused',
  402: 'the account there has no credit',
  403: 'access was refused',
  404: 'it does not know the model',
  408: 'it timed out',
  413: 'the conversation is too long',
  429: 'too many requests, or no quota left',
}

/** Statuses whose message from the provider helps the caller and cannot hold a key. */
const quotable = new Set([400, 404, 413, 422])
const QUOTE_LIMIT = 160

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What a value thrown by a provider package, or sent as an error in its stream, means. */
export function readFailure(error: unknown): ModelFailure {
  if (error instanceof UnusableAnswer) return failed(error.message, error)
  if (error instanceof UpstreamRefused) return readStatus(error, error.statusCode)
  if (causes(error).some((cause) => cause instanceof AnswerTooLarge)) return failed('sent an answer that is too large', error)
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400)
    return readStatus(error, error.statusCode)
  if (isGarbage(error)) return failed('sent an answer that cannot be read', error)
  if (InvalidResponseDataError.isInstance(error)) return failed('broke off in the middle of its answer', error)
  const code = networkCode(error)
  if (code && notConnected.has(code)) return failed(`could not be reached (${code})`, error)
  if (code) return failed(`lost the connection before the end of its answer (${code})`, error)
  if (APICallError.isInstance(error)) return failed('could not be reached', error)
  return failed('reported an error in its answer', error)
}

/** What is wrong with how a step ended, or undefined. */
export function readFinish({ unified, raw }: FinishReason): string | undefined {
  const isCutOff = unified === 'error' || unified === 'interrupted' || (unified === 'other' && raw === undefined)
  return isCutOff ? 'broke off in the middle of its answer' : undefined
}

/** Why there is no text at all. */
export function explainEmpty(finishReason: string): string {
  if (finishReason === 'length') return 'reached the token limit before it said anything'
  if (finishReason === 'content-filter') return 'refused to answer (content filter)'
  if (finishReason === 'tool-calls') return 'kept calling tools and never answered'
  return 'sent an empty answer'
}

const failed = (problem: string, cause: unknown): ModelFailure => ({ code: 'MODEL_FAILED', problem, cause })

function readStatus(error: Error, status: number): ModelFailure {
  const words = statusWords[status] ?? (status >= 500 ? 'the provider has a fault' : 'the request failed')
  const quote = quotable.has(status) && error.message ? `: ${shortQuote(error.message)}` : ''
  return { ...failed(`failed: the provider answered ${status} (${words})${quote}`, error), upstreamStatus: status }
}

/** One short line, without anything that looks like a key and without a full stop. */
const shortQuote = (message: string) =>
  message
    .replace(/\s+/g, ' ')
    .replace(/\b(?:sk|pk|key|bearer|token)[-_ :=]\S+|[\w-]{32,}/gi, '[removed]')
    .slice(0, QUOTE_LIMIT)
    .replace(/[. ]+$/, '')

/** An unreadable body is also wrapped into an APICallError with a status below 400. */
function isGarbage(error: unknown): boolean {
  if (
    error instanceof SyntaxError ||
    error instanceof ZodError ||
    JSONParseError.isInstance(error) ||
    TypeValidationError.isInstance(error)
  )
    return true
  return APICallError.isInstance(error) && error.cause !== error && isGarbage(error.cause)
}

/** `ECONNREFUSED` and the like, from wherever in the chain of causes it is. */
function networkCode(error: unknown): string | undefined {
  for (const cause of causes(error)) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z_]+$/.test(cause.code)) return cause.code
  }
  return undefined
}

/** An error and what caused it, as far as they are errors. */
function causes(error: unknown): Error[] {
  const found: Error[] = []
  for (let cause = error; cause instanceof Error && !found.includes(cause); cause = cause.cause) found.push(cause)
  return found
}
