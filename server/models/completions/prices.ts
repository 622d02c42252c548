import type { Env } from '#server/platform/core/index.ts'
import { costOf, type Prices } from './cost.rules.ts'
import type { TokenCount } from '../wires/index.ts'
import { loadModels, lookUpModel, operatorPrice, refreshModels, type Route } from '../catalogue/index.ts'

const FREE: Prices = { inputPrice: 0, outputPrice: 0 }

type Served = Pick<Route, 'provider' | 'modelName'>

/** What is known of the prices at the end of a route, without asking anybody: what the operator set comes first. */
export function pricesOf(env: Env, { provider, modelName }: Served): Prices | undefined {
  if (provider === 'local') return FREE
  const set = operatorPrice(env, provider, modelName)
  if (set) return set
  // Nobody charges for what runs on a server of one's own.
  return lookUpModel(env, provider, modelName) ?? (provider === 'ollama' ? FREE : undefined)
}

/** Whether a call costs a known amount, however many tokens it takes in and gives out. */
export const isPriced = (env: Env, route: Served): boolean =>
  costOf(pricesOf(env, route) ?? UNKNOWN, { inputTokens: 1, outputTokens: 1 }) !== null

const UNKNOWN: Prices = { inputPrice: null, outputPrice: null }

/** Has the prices at hand that only the provider can tell. OpenRouter is the one that publishes any; it is waited for once. */
export async function loadPrices(env: Env, routes: readonly Served[]): Promise<void> {
  const published = routes.filter(({ provider }) => provider === 'openrouter')
  if (published.some((route) => !isPriced(env, route))) await loadModels(env, 'openrouter')
  else if (published.length > 0) refreshModels(env, 'openrouter')
}

/** What a call cost, in billionths of a US dollar; null when its tokens or its price are unknown. A provider that says it knows best. */
export function costOfCall(prices: Prices | undefined, count: TokenCount): number | null {
  const { inputTokens, outputTokens } = count
  if (count.costNanoUsd !== undefined) return count.costNanoUsd
  return prices && inputTokens !== null && outputTokens !== null ? costOf(prices, { ...count, inputTokens, outputTokens }) : null
}
