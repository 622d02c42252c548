import { readNanoUsd } from '#server/platform/money/index.ts'
import { isObject, wholeNumber, type JsonObject } from './json.ts'
import type { TokenCount } from './wire.ts'

/**
 * What the `usage` of an answer says in the form of the OpenAI API: `prompt_tokens`, `completion_tokens`, `total_tokens`, or
 * `input_tokens` and `output_tokens`, as its newer calls have it.
 * What is no count is unknown; one that is missing follows from the total. Undefined when there is nothing at all.
 */
export function readUsage(raw: unknown): TokenCount | undefined {
  if (!isObject(raw)) return undefined
  const { prompt_tokens, completion_tokens, total_tokens, cost, ...details } = raw
  const total = wholeNumber(total_tokens)
  const prompt = wholeNumber(prompt_tokens) ?? wholeNumber(raw.input_tokens)
  const completion = wholeNumber(completion_tokens) ?? wholeNumber(raw.output_tokens)
  const inputTokens = prompt ?? difference(total, completion)
  const outputTokens = completion ?? difference(total, prompt)
  if (inputTokens === null && outputTokens === null) return undefined
  const costNanoUsd = readNanoUsd(cost)
  return {
    inputTokens,
    outputTokens,
    ...cachedOf(raw, inputTokens),
    ...(costNanoUsd === undefined ? {} : { costNanoUsd }),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  }
}

const difference = (total: number | null, part: number | null): number | null =>
  total === null || part === null || total < part ? null : total - part

/** OpenAI's field, OpenRouter's beside it, and DeepSeek's; never more than there were. */
function cachedOf(usage: JsonObject, inputTokens: number | null): Pick<TokenCount, 'cacheReadTokens' | 'cacheWriteTokens'> {
  const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const read = wholeNumber(details.cached_tokens ?? usage.prompt_cache_hit_tokens) ?? 0
  const written = wholeNumber(details.cache_write_tokens) ?? 0
  if (inputTokens === null || read + written > inputTokens) return {}
  return { ...(read > 0 ? { cacheReadTokens: read } : {}), ...(written > 0 ? { cacheWriteTokens: written } : {}) }
}

/** What the parts of an answer said together: the last word on each figure counts. */
export function laterCount(before: TokenCount | undefined, { inputTokens, outputTokens, ...more }: TokenCount): TokenCount {
  return {
    ...before,
    ...more,
    inputTokens: inputTokens ?? before?.inputTokens ?? null,
    outputTokens: outputTokens ?? before?.outputTokens ?? null,
  }
}
