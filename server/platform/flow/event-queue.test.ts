import { afterEach, describe, expect, test, vi } from 'vitest'
import { EventQueue } from './event-queue.ts'

afterEach(() => void vi.useRealTimers())

/** Pushes numbers from 1 on as fast as it may. */
function flood(queue: EventQueue<number>, most = 1000): { pushed: () => number; ended: Promise<void> } {
  let count = 0
  const push = async () => {
    while (count < most) await queue.push(++count)
    queue.close()
  }
  return { pushed: () => count, ended: push() }
}

const aMoment = () => new Promise((resolve) => setImmediate(resolve))

describe('a queue of events', () => {
  test('makes its producer wait for a reader that does not read', async () => {
    const { pushed } = flood(new EventQueue())
    await aMoment()
    expect(pushed()).toBe(64)
  })

  test('hands on every event, in order, to a reader that does', async () => {
    const queue = new EventQueue<number>()
    flood(queue)
    expect(await Array.fromAsync(queue)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))
  })

  test.each(['in the middle', 'before it has read anything'])('lets its producer go on when the reader leaves %s', async (when) => {
    const queue = new EventQueue<number>()
    const { ended } = flood(queue)
    if (when === 'in the middle') for await (const _ of queue) break
    else queue.leave()
    await ended
  })

  test('says when its reader has taken nothing for a minute', async () => {
    vi.useFakeTimers()
    const onStalled = vi.fn<() => void>()
    flood(new EventQueue(onStalled))
    await vi.advanceTimersByTimeAsync(59_000)
    expect(onStalled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onStalled).toHaveBeenCalledOnce()
  })
})
