import { costAtPrices, nanoUsdAsNumber, tokensWithin, type NanoUsd } from '#server/platform/money/index.ts'
import type { TokenCount } from '../wires/index.ts'
import type { ChatCompletionRequest, CompletionUsage } from './completions.contract.ts'
import type { ModelPrices } from '../catalogue/index.ts'

/** In US dollars per million tokens; null where unknown. */
export type Prices = Pick<ModelPrices, 'inputPrice' | 'outputPrice'> & Partial<ModelPrices>

/** Tokens a call took; those read from a cache and written to one are part of the input. */
export type Taken = Pick<TokenCount, 'cacheReadTokens' | 'cacheWriteTokens'> & { inputTokens: number; outputTokens: number }

/**
 * Billionths of a US dollar; null when a price that is needed is unknown. Prices are in US dollars per million tokens.
 * What a cache saved or cost is priced by itself; where no price of that is known, as any other input.
 */
export function costOf(
  { inputPrice, outputPrice, cacheReadPrice, cacheWritePrice }: Prices,
  { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 }: Taken,
): NanoUsd | null {
  const items: [price: number | null, tokens: number][] = [
    [inputPrice, inputTokens - cacheReadTokens - cacheWriteTokens],
    [cacheReadPrice ?? inputPrice, cacheReadTokens],
    [cacheWritePrice ?? inputPrice, cacheWriteTokens],
    [outputPrice, outputTokens],
  ]
  if (items.some(([price, tokens]) => price === null && tokens > 0)) return null
  return costAtPrices(items.map(([price, tokens]) => [price ?? 0, tokens]))
}

/** OpenAI's own rule of thumb for English text. */
export const CHARACTERS_PER_TOKEN = 4

export const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN)

/** Characters of what a request asks. */
export const promptLength = ({ messages }: Pick<ChatCompletionRequest, 'messages'>): number =>
  messages.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : JSON.stringify(content ?? '').length), 0)

/** How long an answer can be for so much money (billionths of a US dollar); no limit where the price is unknown. */
export function affordableTokens(prices: Prices | undefined, asked: number, mostCostNanoUsd: number): number {
  const left = mostCostNanoUsd - ((prices ? costOf(prices, { inputTokens: estimateTokens(asked), outputTokens: 0 }) : null) ?? 0)
  return left < 0 ? 0 : tokensWithin(left, prices?.outputPrice ?? 0)
}

/** What a call took, to be told and stored. */
export interface Account {
  inputTokens: number
  outputTokens: number
  isEstimated: boolean
  /** Billionths of a US dollar; null when unknown. */
  costNanoUsd: number | null
}

/** Takes the provider's word for it; what it does not say is estimated from the texts. */
export function settleAccount(count: TokenCount, characters: { asked: number; answered: number }, prices: Prices | undefined): Account {
  const isEstimated = count.inputTokens === null || count.outputTokens === null
  const inputTokens = count.inputTokens ?? estimateTokens(characters.asked)
  const outputTokens = count.outputTokens ?? estimateTokens(characters.answered)
  const costNanoUsd = count.costNanoUsd ?? (prices ? costOf(prices, { ...count, inputTokens, outputTokens }) : null)
  return { inputTokens, outputTokens, isEstimated, costNanoUsd }
}

/** @param details What the provider said besides, in its own words. */
export const toCompletionUsage = (
  { inputTokens, outputTokens, isEstimated, costNanoUsd }: Account,
  { details }: Pick<TokenCount, 'details'> = {},
): CompletionUsage => ({
  ...details,
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  ...(costNanoUsd === null ? {} : { cost: nanoUsdAsNumber(costNanoUsd) }),
  ...(isEstimated ? { estimated: true as const } : {}),
})
