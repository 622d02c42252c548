import type { AccountId, Platform } from '#server/platform/core/index.ts'
import type { Budget } from './budget.ts'
import { listBudgets, type BudgetRow } from './budgets.queries.ts'

/** How long budgets count at most, should a change of them not be heard. */
const MAX_AGE_MS = 60_000
const MAX_ACCOUNTS = 10_000

interface Entry {
  budgets: readonly Budget[]
  readAt: number
}

/** The budgets people have set, of accounts that called a moment ago. While changes cannot be heard, nothing is kept. */
export class BudgetList {
  readonly #platform: Platform
  readonly #byAccount = new Map<AccountId, Entry>()
  readonly #reading = new Map<AccountId, Promise<readonly Budget[]>>()
  #isListening = false
  /** Rises with every change: what was read before one is not kept after it. */
  #generation = 0

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** What is at hand; undefined when it has to be read. */
  find(accountId: AccountId): readonly Budget[] | undefined {
    const entry = this.#byAccount.get(accountId)
    return entry && performance.now() - entry.readAt < MAX_AGE_MS ? entry.budgets : undefined
  }

  /** Reads them; those who ask at the same moment share the answer. */
  read(accountId: AccountId): Promise<readonly Budget[]> {
    const reading = this.#reading.get(accountId) ?? this.#read(accountId)
    this.#reading.set(accountId, reading)
    return reading
  }

  async #read(accountId: AccountId): Promise<readonly Budget[]> {
    const generation = this.#generation
    try {
      const budgets = (await listBudgets(this.#platform.databases.system, accountId)).map(toBudget)
      if (this.#isListening && generation === this.#generation) {
        if (this.#byAccount.size >= MAX_ACCOUNTS) this.#byAccount.delete(this.#byAccount.keys().next().value!)
        this.#byAccount.set(accountId, { budgets, readAt: performance.now() })
      }
      return budgets
    } finally {
      this.#reading.delete(accountId)
    }
  }

  forget(accountId: string): void {
    this.#generation += 1
    this.#byAccount.delete(accountId as AccountId)
    this.#reading.delete(accountId as AccountId)
  }

  setListening(isListening: boolean): void {
    this.#isListening = isListening
    this.#generation += 1
    this.#byAccount.clear()
    this.#reading.clear()
  }
}

export const toBudget = ({ accountId, downgradeModel, downgradePercent, ...row }: BudgetRow): Budget => ({
  ...row,
  accountId: accountId as AccountId,
  downgrade: downgradeModel === null || downgradePercent === null ? null : { model: downgradeModel, percent: downgradePercent },
})
