import { expect, test } from 'vitest'
import { retryDelayMs, secondsUntilFree, slotsOf } from './jobs.rules.ts'

test.each([
  { length: 1, slots: 1 },
  { length: 800, slots: 1 },
  { length: 801, slots: 2 },
])('a message of $length characters takes $slots slot(s)', ({ length, slots }) => {
  expect(slotsOf('x'.repeat(length))).toBe(slots)
})

const taken = [
  { slots: 2, freeInSeconds: 10.2 },
  { slots: 1, freeInSeconds: 30 },
  { slots: 3, freeInSeconds: 55 },
]

test.each([
  { wanted: 1, most: 7, seconds: 0 },
  { wanted: 1, most: 6, seconds: 11 },
  { wanted: 2, most: 6, seconds: 11 },
  { wanted: 2, most: 5, seconds: 30 },
  { wanted: 2, most: 2, seconds: 55 },
])('$wanted of $most slots are free in $seconds s', ({ wanted, most, seconds }) => {
  expect(secondsUntilFree(wanted, most, taken)).toBe(seconds)
})

test('a job waits longer after each failure', () => {
  expect([1, 2, 3].map((attempts) => retryDelayMs(attempts))).toEqual([10_000, 60_000, 60_000])
})

test('a job of a type that has delays of its own waits by those', () => {
  expect([1, 2, 3].map((attempts) => retryDelayMs(attempts, [5, 50]))).toEqual([5, 50, 50])
})
