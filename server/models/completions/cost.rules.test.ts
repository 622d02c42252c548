import { expect, test } from 'vitest'
import { affordableTokens, costOf, settleAccount } from './cost.rules.ts'

const mini = { inputPrice: 0.15, outputPrice: 0.6 }
const opus = { inputPrice: 5, outputPrice: 25 }

test('a cost is tokens times price per million, to the billionth of a dollar', () => {
  expect(costOf(mini, { inputTokens: 12, outputTokens: 11 })).toBe(12 * 150 + 11 * 600)
  expect(costOf(opus, { inputTokens: 0, outputTokens: 1 })).toBe(25_000)
})

test('a cost is unknown when a price that is needed is', () => {
  expect(costOf({ inputPrice: null, outputPrice: 1 }, { inputTokens: 1, outputTokens: 1 })).toBeNull()
  expect(costOf({ inputPrice: 1, outputPrice: null }, { inputTokens: 5, outputTokens: 0 })).toBe(5000)
})

test('tokens of a cache have prices of their own, and that of other input where nobody knows them', () => {
  const taken = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 60, cacheWriteTokens: 30 }
  expect(costOf({ ...opus, cacheReadPrice: 0.5, cacheWritePrice: 6.25 }, taken)).toBe(10 * 5000 + 60 * 500 + 30 * 6250 + 10 * 25_000)
  expect(costOf({ ...opus, cacheReadPrice: null, cacheWritePrice: null }, taken)).toBe(100 * 5000 + 10 * 25_000)
})

test('what the provider counts and charges wins over estimates and prices', () => {
  const characters = { asked: 400, answered: 40 }
  expect(settleAccount({ inputTokens: 7, outputTokens: 3, costNanoUsd: 9 }, characters, mini)).toEqual({
    inputTokens: 7,
    outputTokens: 3,
    isEstimated: false,
    costNanoUsd: 9,
  })
  expect(settleAccount({ inputTokens: null, outputTokens: null }, characters, undefined)).toEqual({
    inputTokens: 100,
    outputTokens: 10,
    isEstimated: true,
    costNanoUsd: null,
  })
})

test('a cent buys so much and no more', () => {
  const cent = 10_000_000
  expect(affordableTokens(opus, 0, cent)).toBe(400)
  expect(affordableTokens(opus, 4000, cent)).toBe(200)
  expect(affordableTokens(opus, 40_000, cent)).toBe(0)
  expect(affordableTokens(undefined, 40_000, cent)).toBe(Infinity)
})
