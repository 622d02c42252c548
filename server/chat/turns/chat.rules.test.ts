import { expect, test } from 'vitest'
import { summarizeUsage, wholeCostOf } from './chat.rules.ts'

const call = (costNanoUsd: number | null, isEstimated = false) => ({
  outcome: 'ok',
  inputTokens: 10,
  outputTokens: 1,
  costNanoUsd,
  isEstimated,
})

test('an answer costs what its calls with a price do, and says how many have none', () => {
  const calls = [call(1000), call(null), call(500, true)]
  expect(summarizeUsage(calls)).toEqual({
    inputTokens: 30,
    outputTokens: 3,
    modelCalls: 3,
    estimatedCalls: 1,
    cost: 1.5e-6,
    unpricedCalls: 1,
  })
  expect(wholeCostOf(calls)).toBeNull()
})

test('calls of which none has a price have no cost, and no calls cost nothing', () => {
  expect(summarizeUsage([call(null)])).toMatchObject({ cost: null, unpricedCalls: 1 })
  expect(summarizeUsage([])).toEqual({ inputTokens: 0, outputTokens: 0, modelCalls: 0, estimatedCalls: 0, cost: 0, unpricedCalls: 0 })
  expect(wholeCostOf([call(3), call(4)])).toBe(7)
})

test('a call that was refused before a word was said took nothing: the one that answered instead is what an answer took', () => {
  const refused = { outcome: 'failed', inputTokens: null, outputTokens: null, costNanoUsd: null, isEstimated: false }
  const calls = [refused, call(1000)]
  expect(summarizeUsage(calls)).toEqual({
    inputTokens: 10,
    outputTokens: 1,
    modelCalls: 2,
    estimatedCalls: 0,
    cost: 1e-6,
    unpricedCalls: 0,
  })
  expect(wholeCostOf(calls)).toBe(1000)
})
