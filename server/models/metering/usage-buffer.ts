import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '#db/client.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { insertUsage, listMonth, type UsageRow } from './metering.queries.ts'

/** What an account used in the current month. */
interface MonthTotals {
  month: string
  tokens: number
  /** Billionths of a US dollar, by id of the API key. */
  costByKey: Map<string, number>
  readAt: number
}

/** Rows wait this long for others: one statement for many is far cheaper than one for each. */
const GATHER_MS = 20
const MAX_AT_ONCE = 1000
const RETRY_MS = 1000
/** While the database does not answer, at most this many wait. */
const MAX_WAITING = 50_000
/** Other servers count as well, so what was read is read again after this long. */
const MAX_AGE_MS = 5_000
const MAX_ACCOUNTS = 10_000

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
  readonly #months = new Map<AccountId, MonthTotals>()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  add(row: UsageRow): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#platform.log.error({ usage: this.#waiting.shift() }, 'a model call could not be stored and is not counted')
    }
    this.#waiting.push(row)
    const known = this.#months.get(row.accountId)
    if (known) addTo(known, row)
    this.#writing ??= this.#write()
  }

  /** Resolves once nothing waits any more. */
  async flush(): Promise<void> {
    this.#isHurried = true
    await this.#writing
  }

  forget(accountId: AccountId): void {
    this.#months.delete(accountId)
  }

  async readMonth(db: Db, accountId: AccountId): Promise<MonthTotals> {
    const known = this.#months.get(accountId)
    if (known && known.month === currentMonth() && performance.now() - known.readAt < MAX_AGE_MS) return known
    await this.flush()
    const rows = await listMonth(db, accountId)
    const totals = {
      month: currentMonth(),
      tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
      costByKey: new Map(rows.map(({ keyId, costNanoUsd }) => [keyId, costNanoUsd])),
      readAt: performance.now(),
    }
    // What was added while it was read.
    for (const row of this.#waiting) if (row.accountId === accountId) addTo(totals, row)
    if (this.#months.size >= MAX_ACCOUNTS) this.#months.delete(this.#months.keys().next().value!)
    this.#months.set(accountId, totals)
    return totals
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

function addTo(totals: MonthTotals, { keyId, inputTokens, outputTokens, costNanoUsd, isOwnKey, isPrepaid }: UsageRow): void {
  if (isPrepaid) return
  if (!isOwnKey) totals.tokens += (inputTokens ?? 0) + (outputTokens ?? 0)
  const key = keyId ?? ''
  totals.costByKey.set(key, (totals.costByKey.get(key) ?? 0) + (costNanoUsd ?? 0))
}

const currentMonth = () => new Date().toISOString().slice(0, 7)
