import type { BookedCount } from '../wires/index.ts'
import type { CallFigures } from './lookup.queries.ts'

const NOTHING: CallFigures = { inputTokens: null, outputTokens: null, costNanoUsd: null }

/** What is stored of a call by what its provider has in its books; one that took nothing and was not answered is stored without figures. */
export const figuresOf = (outcome: string, { inputTokens, outputTokens, costNanoUsd }: BookedCount): CallFigures =>
  outcome !== 'ok' && inputTokens + outputTokens === 0 && costNanoUsd === 0 ? NOTHING : { inputTokens, outputTokens, costNanoUsd }

/** How much more a call took than was counted of it; less than 0 where it was less. */
export const differenceOf = (counted: CallFigures, really: CallFigures): { tokens: number; nanoUsd: number } => ({
  tokens: tokensOf(really) - tokensOf(counted),
  nanoUsd: (really.costNanoUsd ?? 0) - (counted.costNanoUsd ?? 0),
})

const tokensOf = ({ inputTokens, outputTokens }: CallFigures): number => (inputTokens ?? 0) + (outputTokens ?? 0)
