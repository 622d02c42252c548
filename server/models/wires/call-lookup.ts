import { boundedFetch } from '#server/platform/flow/index.ts'
import { readNanoUsd } from '#server/platform/money/index.ts'
import type { Env } from '#server/platform/core/index.ts'
import { openAiBaseUrl, type ProviderName } from '../catalogue/index.ts'
import { isObject, wholeNumber } from './json.ts'
import { refusalOf, UpstreamRefused } from './refusal.ts'
import type { TokenCount } from './wire.ts'

// Whoever breaks an answer off gets no count with its end. OpenRouter tells it to those who ask, some seconds later.

const fetchRecord = boundedFetch({ maxBytes: 100_000, maxMs: 10_000 })

/** Whether a provider can be asked later what a call took, by the name it gave it. */
export const canBeAsked = (provider: ProviderName): boolean => provider === 'openrouter'

/** What a call took, as its provider has it in its books. */
export type BookedCount = Required<Pick<TokenCount, 'costNanoUsd'>> & { inputTokens: number; outputTokens: number }

/**
 * Asks OpenRouter what a call took.
 *
 * @param apiKey The one the call was made with: it is in the books of that key's account.
 * @returns undefined while it does not know.
 * @throws UpstreamRefused; what the network throws.
 */
export async function lookUpCall(
  env: Env,
  { apiKey, generationId }: { apiKey: string; generationId: string },
  signal: AbortSignal,
): Promise<BookedCount | undefined> {
  const url = `${openAiBaseUrl(env, 'openrouter')}/generation?id=${encodeURIComponent(generationId)}`
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' }
  // Redirects would hand the key to somebody else.
  const response = await fetchRecord(url, { headers, signal, redirect: 'manual' })
  const text = await response.text()
  if (response.status === 404) return undefined
  if (response.status !== 200) throw new UpstreamRefused(refusalOf(response.status, Object.fromEntries(response.headers), text))
  return readRecord(JSON.parse(text), generationId)
}

/** Tokens are those of the model itself, as answers count them too. */
function readRecord(answer: unknown, generationId: string): BookedCount | undefined {
  const record = isObject(answer) ? answer.data : undefined
  if (!isObject(record) || record.id !== generationId) return undefined
  const inputTokens = wholeNumber(record.native_tokens_prompt) ?? wholeNumber(record.tokens_prompt)
  const outputTokens = wholeNumber(record.native_tokens_completion) ?? wholeNumber(record.tokens_completion)
  const costNanoUsd = readNanoUsd(record.total_cost)
  return inputTokens === null || outputTokens === null || costNanoUsd === undefined ? undefined : { inputTokens, outputTokens, costNanoUsd }
}
