import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MAX_ANSWER_MS, startDeadline } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const caller = new AbortController()
const start = (silenceMs = 1000) => startDeadline(caller.signal, silenceMs)

describe('a deadline', () => {
  test('expires after a silence, and not before', () => {
    const deadline = start()
    vi.advanceTimersByTime(999)
    expect(deadline.expired).toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(deadline.expired).toBe('silence')
    expect(deadline.signal.aborted).toBe(true)
  })

  test('never expires while there are signs of life, until an hour is over', () => {
    const deadline = start()
    for (let ms = 0; ms < MAX_ANSWER_MS - 900; ms += 900) {
      vi.advanceTimersByTime(900)
      deadline.touch()
    }
    expect(deadline.expired).toBeUndefined()
    vi.advanceTimersByTime(900)
    expect(deadline.expired).toBe('whole')
  })

  test('takes another length from now on', () => {
    const deadline = start()
    deadline.setSilence(5000)
    vi.advanceTimersByTime(4999)
    expect(deadline.expired).toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(deadline.expired).toBe('silence')
  })

  test('knows a reader that does not read on from a provider that is silent', async () => {
    const deadline = start()
    async function* answer() {
      yield 1
      await new Promise(() => undefined)
    }
    const pieces = deadline.watch(answer())
    await pieces.next()
    vi.advanceTimersByTime(999)
    expect(deadline.expired).toBeUndefined()
    void pieces.next()
    vi.advanceTimersByTime(999)
    expect(deadline.expired).toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(deadline.expired).toBe('silence')

    const unread = start()
    await unread.watch(answer()).next()
    vi.advanceTimersByTime(1000)
    expect(unread.expired).toBe('reader')
  })

  test('is of no interest any more once the work is done', () => {
    const deadline = start()
    deadline.dispose()
    vi.advanceTimersByTime(MAX_ANSWER_MS)
    expect(deadline.expired).toBeUndefined()
    expect(deadline.signal.aborted).toBe(false)
  })
})
