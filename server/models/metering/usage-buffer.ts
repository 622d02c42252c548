import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '#server/platform/core/index.ts'
import { insertUsage, type UsageRow } from './metering.queries.ts'
import { UsageJournal } from './usage-journal.ts'

/** Rows wait this long for others: one statement for many is far cheaper than one for each. */
const GATHER_MS = 20
const MAX_AT_ONCE = 1000
const RETRY_MS = 1000
/** While the database does not answer, at most this many wait. */
const MAX_WAITING = 50_000

/**
 * Stores model calls in groups, a few milliseconds after they ended. Until then they are in a journal, as calls are that have begun,
 * so that a server that is killed loses none. One that stops stores them first.
 */
export class UsageBuffer {
  readonly #platform: Platform
  /** Calls that have begun, and those that are not stored yet. */
  readonly journal: UsageJournal
  #waiting: UsageRow[] = []
  #writing: Promise<void> | undefined
  #isHurried = false

  constructor(platform: Platform) {
    this.#platform = platform
    this.journal = new UsageJournal(platform)
  }

  add(row: UsageRow): void {
    this.journal.note(row)
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
        this.journal.forget(rows.map(({ id }) => id))
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
