import type { Env } from '../core/env.ts'
import { costOf } from './cost.rules.ts'
import type { ModelFacts } from './known-models.ts'
import { lookUpModel } from './model-lists.ts'
import type { Route } from './provider-clients.ts'

export type Prices = Pick<ModelFacts, 'inputPrice' | 'outputPrice'>

const FREE: Prices = { inputPrice: 0, outputPrice: 0 }

/** What is known of the prices at the end of a route, without asking anybody. */
export const pricesOf = (env: Env, { provider, modelName }: Pick<Route, 'provider' | 'modelName'>): Prices | undefined =>
  provider === 'local' ? FREE : lookUpModel(env, provider, modelName)

/** What a call cost, in billionths of a US dollar; null when its tokens or its price are unknown. */
export function costOfCall(
  env: Env,
  route: Pick<Route, 'provider' | 'modelName'>,
  inputTokens: number | null,
  outputTokens: number | null,
): number | null {
  const prices = pricesOf(env, route)
  return prices && inputTokens !== null && outputTokens !== null ? costOf(prices, inputTokens, outputTokens) : null
}
