import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '#server/platform/core/index.ts'
import { insertUsage, type UsageRow } from './metering.queries.ts'

/** Rows wait this long for others: one statement for many is far cheaper than one for each. */
const GATHER_MS = 20
const MAX_AT_ONCE = 1000
const RETRY_MS = 1000
/** While the database does not answer, at most this many wait. */
const MAX_WAITING = 50_000
/**
 * Stores model calls in groups, a few milliseconds after they ended, and keeps the month's sums of the
 * accounts at hand. A server that is killed loses the calls of its last milliseconds; one that stops
 * stores them first.
 */
export class UsageBuffer {
  readonly #platform: Platform
  #waiting: UsageRow[] = []
  #writing: Promise<void> | undefined
  #isHurried = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  add(row: UsageRow): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#platform.log.error({ usage: this.#waiting.shift() }, 'a model call could not be stored and is not counted')
    }
    this.#waiting.push(row)
    this.#writing ??= this.#write()
  }

  /** Resolves once nothing waits any more. */
  async flush(): Promise<void> {
    this.#isHurried = true
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#isHurried) await delay(GATHER_MS)
      const rows = this.#waiting.splice(0, MAX_AT_ONCE)
      try {
        await insertUsage(this.#platform.databases.system, rows)
      } catch (error) {
        this.#waiting.unshift(...rows)
        this.#platform.log.error({ err: error, calls: rows.length }, 'model calls could not be stored yet')
        if (this.#platform.shutdown.aborted) break
        await delay(RETRY_MS)
      }
    }
    this.#isHurried = false
    this.#writing = undefined
  }
}
