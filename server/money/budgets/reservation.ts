import { amountAt, type Amounts } from './budget.ts'
import type { Lease } from './lease.ts'

/** One window of one budget. */
export interface BudgetWindow {
  budgetId: string
  /** ISO 8601. */
  startsAt: string
}

/** What is set aside for one call, in all of its budgets. It has to be settled once, however the call ends. */
export class Reservation {
  #granted: Amounts
  readonly #leases: readonly Lease[]
  readonly #onEnd: (lease: Lease) => void
  #isSettled = false

  constructor(leases: readonly Lease[], granted: Amounts, onEnd: (lease: Lease) => void) {
    this.#leases = leases
    this.#granted = granted
    this.#onEnd = onEnd
    for (const lease of leases) lease.reserve(amountAt(lease.budget, granted))
  }

  /** What the call may take. */
  get granted(): Amounts {
    return this.#granted
  }

  /** Where it counts. Of what was taken away nothing is counted any more: all of it was, when it was taken. */
  get windows(): BudgetWindow[] {
    return this.#leases.flatMap(({ budget, state, isGone }) =>
      state && !isGone ? [{ budgetId: budget.id, startsAt: state.startsAt }] : [],
    )
  }

  /** Sets more or less aside, as far as this server has it at hand. @returns whether it was possible; else nothing has changed. */
  resize(amounts: Amounts): boolean {
    const changes = this.#leases.map((lease) => ({
      lease,
      change: amountAt(lease.budget, amounts) - amountAt(lease.budget, this.#granted),
    }))
    if (this.#isSettled || changes.some(({ lease, change }) => change > 0 && (lease.free < change || lease.isGone))) return false
    for (const { lease, change } of changes) lease.reserve(change)
    this.#granted = amounts
    return true
  }

  /** The call ended and took so much; nothing, where it did not get to anything. */
  settle(actual: Amounts): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const lease of this.#leases) {
      lease.settle(amountAt(lease.budget, this.#granted), amountAt(lease.budget, actual))
      this.#onEnd(lease)
    }
  }
}
