import type { Clock } from '../../server/platform/jobs/clock.ts'

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  #now = Date.now()
  readonly #timers = new Set<{ time: number; wake: () => void }>()

  now(): Date {
    return new Date(this.#now)
  }

  at(time: Date, wake: () => void): () => void {
    const timer = { time: time.getTime(), wake }
    if (timer.time <= this.#now) queueMicrotask(wake)
    else this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** When somebody is woken next; undefined when nobody waits. */
  sleepsUntil(): number | undefined {
    const times = [...this.#timers].map(({ time }) => time)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** Sets the time, and wakes who waits for it or for an earlier one. */
  moveTo(time: Date | string): void {
    this.#now = new Date(time).getTime()
    const due = [...this.#timers].filter(({ time }) => time <= this.#now)
    for (const timer of due) {
      this.#timers.delete(timer)
      timer.wake()
    }
  }

  moveBy(ms: number): void {
    this.moveTo(new Date(this.#now + ms))
  }
}
