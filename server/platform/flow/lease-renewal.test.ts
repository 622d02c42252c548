import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LeaseRenewal } from './lease-renewal.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const onFailure = vi.fn<(error: unknown) => void>()
const renewalOf = (renew: () => Promise<unknown>) => new LeaseRenewal({ everyMs: 1000, renew, onFailure })

test('a lease is renewed on time, whether or not earlier renewals have come to an end, until it is let go', async () => {
  const renew = vi.fn<() => Promise<unknown>>(() => new Promise(() => {}))
  const renewal = renewalOf(renew)
  await vi.advanceTimersByTimeAsync(5000)
  expect(renew).not.toHaveBeenCalled()
  renewal.start()
  await vi.advanceTimersByTimeAsync(3500)
  expect(renew).toHaveBeenCalledTimes(3)
  renewal.stop()
  await vi.advanceTimersByTimeAsync(5000)
  expect(renew).toHaveBeenCalledTimes(3)
})

test('a renewal that fails is told of, and the next one is tried', async () => {
  const error = new Error('the database is away')
  const renew = vi.fn<() => Promise<unknown>>().mockRejectedValueOnce(error).mockResolvedValue(undefined)
  const renewal = renewalOf(renew)
  renewal.start()
  await vi.advanceTimersByTimeAsync(2000)
  expect(onFailure.mock.calls).toEqual([[error]])
  expect(renew).toHaveBeenCalledTimes(2)
  renewal.stop()
})

test('who stood still catches up before it goes on; who is on time, or holds nothing, need not', async () => {
  const renew = vi.fn<() => Promise<unknown>>(async () => undefined)
  const renewal = renewalOf(renew)
  await renewal.catchUp()
  renewal.start()
  await renewal.catchUp()
  expect(renew).not.toHaveBeenCalled()
  // The time goes on, and no timer gets to run.
  vi.setSystemTime(Date.now() + 4000)
  await renewal.catchUp()
  expect(renew).toHaveBeenCalledTimes(1)
  await renewal.catchUp()
  expect(renew).toHaveBeenCalledTimes(1)
  renewal.stop()
})
