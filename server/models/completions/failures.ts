import { AnswerTooLarge } from '#server/platform/flow/index.ts'
import { redactSecrets } from '#server/platform/core/index.ts'
import type { ModelFailure } from '../catalogue/index.ts'
import { UnusableAnswer, UpstreamRefused, type Refusal } from '../wires/index.ts'

const statusWords: Record<number, string> = {
  400: 'the request was refused',
  401: 'the API key was refused',
  402: 'the account there has no credit',
  403: 'access was refused',
  404: 'it does not know the model',
  408: 'it timed out',
  413: 'the conversation is too long',
  422: 'the request was refused',
  429: 'too many requests, or no quota left',
  503: 'it is overloaded or down',
  529: 'it is overloaded',
}

/** Longest that is repeated of what a provider said. */
const QUOTE_LIMIT = 1000

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * What a value means that a call of a provider threw.
 *
 * @param secrets Keys that a provider may repeat, and that nobody may see.
 */
export function readFailure(error: unknown, secrets: readonly string[]): ModelFailure {
  if (error instanceof UnusableAnswer) return failed(error.message, error)
  if (error instanceof UpstreamRefused) return readRefusal(error, secrets)
  if (causes(error).some((cause) => cause instanceof AnswerTooLarge)) return failed('sent an answer that is too large', error)
  if (error instanceof SyntaxError) return failed('sent an answer that cannot be read', error)
  const code = networkCode(error)
  if (code && notConnected.has(code)) return { ...failed(`could not be reached (${code})`, error), isUnreachable: true }
  if (code?.startsWith('Z_') || code?.startsWith('ERR__ERROR') || code?.startsWith('ZSTD'))
    return failed('sent an answer that cannot be read', error)
  if (code) return failed(`lost the connection before the end of its answer (${code})`, error)
  return failed('reported an error in its answer', error)
}

const failed = (problem: string, cause: unknown): ModelFailure => ({ code: 'MODEL_FAILED', problem, cause })

function readRefusal(error: UpstreamRefused, secrets: readonly string[]): ModelFailure {
  const { status, message, ...rest } = error.refusal
  const words = statusWords[status] ?? (status >= 500 ? 'the provider has a fault' : 'the request failed')
  const quote = quoted(message, secrets)
  return {
    ...failed(`failed: the provider answered ${status} (${words})${quote === '' ? '' : `: ${quote}`}`, error),
    upstream: { ...wordsOnly(rest, secrets), status },
  }
}

/** The provider's own words for it, which may repeat a key as well. */
const wordsOnly = ({ code, type, param, retryAfterSeconds }: Omit<Refusal, 'status' | 'message'>, secrets: readonly string[]) => ({
  ...(code === undefined ? {} : { code: quoted(code, secrets) }),
  ...(type === undefined ? {} : { type: quoted(type, secrets) }),
  ...(param === undefined ? {} : { param: quoted(param, secrets) }),
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
})

/** One line, without keys and without a full stop. */
const quoted = (message: string, secrets: readonly string[]): string =>
  redactSecrets(message, secrets)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, QUOTE_LIMIT)
    .toWellFormed()
    .replace(/[. ]+$/, '')

/** Why there is no text at all. */
export function explainEmpty(finishReason: string | null): string {
  if (finishReason === 'length') return 'reached the token limit before it said anything'
  if (finishReason === 'content_filter') return 'refused to answer (content filter)'
  if (finishReason === 'tool_calls') return 'kept calling tools and never answered'
  return 'sent an empty answer'
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
