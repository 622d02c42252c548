import { describe, expect, test } from 'vitest'
import { ConnectionError, errorFrom, TimeoutError } from '../../sdk/src/errors.ts'
import { readRetryAfter, retryDelayMs } from '../../sdk/src/retry.ts'

const answer = (status: number, body?: unknown, retryAfter?: number) => errorFrom(status, body, undefined, retryAfter)
const refused = new ConnectionError('no', {
  code: 'CONNECTION_FAILED',
  cause: new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
})
const broken = new ConnectionError('no', { code: 'CONNECTION_FAILED', cause: new Error('socket hang up') })
const timedOut = new TimeoutError('late', { code: 'TIMEOUT' })

describe('which failures are tried again', () => {
  test.each([
    ['a proxy that answers 502', answer(502), true, false],
    ['a proxy that answers 503', answer(503), true, true],
    ['a proxy that answers 504', answer(504), true, false],
    ['408', answer(408), true, false],
    ['a used-up rate limit', answer(429, { error: 'slow down', code: 'RATE_LIMITED', retryAfterSeconds: 3 }), true, true],
    ['a 429 without words', answer(429), true, true],
    ['the first call with the same key still running', answer(409, { error: 'wait', code: 'IDEMPOTENT_CALL_RUNNING' }), true, true],
    ['a connection that was refused', refused, true, true],
    ['a connection that broke', broken, true, false],
    ['a try that took too long', timedOut, true, false],
    ['another conflict', answer(409, { error: 'taken', code: 'EMAIL_TAKEN' }), false, false],
    ['a limit of the plan', answer(429, { error: 'full', code: 'AGENT_LIMIT_REACHED' }), false, false],
    ['a model that failed, after the message was stored', answer(502, { error: 'no', code: 'MODEL_FAILED' }), false, false],
    ['bad input', answer(400), false, false],
    ['a fault of the server', answer(500), false, false],
    ['something that is no failure of a call', new TypeError('bug'), false, false],
  ])('%s', (_, error, withKey, withoutKey) => {
    expect(retryDelayMs(error, 1, 'full', 0.5) !== undefined).toBe(withKey)
    expect(retryDelayMs(error, 1, 'unsent', 0.5) !== undefined).toBe(withoutKey)
  })
})

describe('how long the wait is', () => {
  test.each([
    [1, 0, 0],
    [1, 0.999, 499.5],
    [2, 0.999, 999],
    [3, 0.5, 1000],
    [5, 0.5, 4000],
    [50, 0.5, 4000],
  ])('after try %i with the random number %f it is %f ms', (tries, random, expected) => {
    expect(retryDelayMs(answer(503), tries, 'full', random)).toBeCloseTo(expected, 5)
  })

  test('Retry-After is waited out in full, and a little longer', () => {
    expect(retryDelayMs(answer(503, undefined, 7), 1, 'full', 0)).toBe(7_000)
    expect(retryDelayMs(answer(503, undefined, 7), 1, 'full', 0.5)).toBe(7_250)
  })

  test('a server that asks for more than a minute is not waited for', () => {
    expect(retryDelayMs(answer(429, undefined, 60), 1, 'full', 0)).toBe(60_000)
    expect(retryDelayMs(answer(429, undefined, 61), 1, 'full', 0)).toBeUndefined()
  })
})

test.each([
  ['5', 5],
  ['0', 0],
  ['-3', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After: %s means %s seconds', (header, expected) => {
  expect(readRetryAfter(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected)
})
