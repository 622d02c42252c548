import { expect, test } from 'vitest'
import { summarizeUsage, wholeCostOf } from './chat.rules.ts'

const call = (costNanoUsd: number | null, isEstimated = false) => ({ inputTokens: 10, outputTokens: 1, costNanoUsd, isEstimated })

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
