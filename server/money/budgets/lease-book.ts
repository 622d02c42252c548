import type { Budget } from './budget.ts'
import { Lease } from './lease.ts'

/** What no call has touched for this long goes back. */
const IDLE_MS = 5000

/** The leases of one server: those of windows that run, and those of windows that are over, until the last call in them has ended. */
export class LeaseBook {
  /** By id of the budget; of the window that runs. */
  readonly #open = new Map<string, Lease>()
  readonly #closing = new Set<Lease>()

  get all(): Lease[] {
    return [...this.#open.values(), ...this.#closing]
  }

  /** The lease of the window that runs, if the budget was asked for of late. */
  find(budgetId: string): Lease | undefined {
    return this.#open.get(budgetId)
  }

  /** The lease of the window that runs, which is empty until the database was asked. */
  leaseOf(budget: Budget): Lease {
    const known = this.#open.get(budget.id)
    if (known?.isOpen && known.budget.cap === budget.cap) return known
    if (known?.isOpen) return withNewCap(known, budget)
    if (known) this.#closing.add(known)
    const lease = new Lease(budget)
    this.#open.set(budget.id, lease)
    return lease
  }

  /** Whether its window is over. */
  isClosing(lease: Lease): boolean {
    return this.#closing.has(lease)
  }

  /** Forgets those of which the database knows everything, and nothing more will come. */
  forgetClosed(): void {
    for (const lease of this.#closing) if (lease.reserved === 0 && !lease.hasNews && lease.free <= 0) this.#closing.delete(lease)
  }

  /** Lets go of what is over or idle. @returns whether the database has to be told of anything. */
  tidy(): boolean {
    for (const [id, lease] of this.#open) {
      if (!lease.isOpen) {
        this.#open.delete(id)
        this.#closing.add(lease)
      } else if (lease.reserved === 0 && performance.now() - lease.usedAt > IDLE_MS) {
        lease.isScarce = true
        if (lease.free <= 0 && !lease.hasNews) this.#open.delete(id)
      }
    }
    return this.all.some((lease) => lease.hasNews || lease.mayGoBack)
  }
}

/** What it holds may be more than there is now: it goes back, and is asked for anew. */
function withNewCap(lease: Lease, budget: Budget): Lease {
  lease.budget = budget
  lease.fullUntil = 0
  lease.isStale = true
  return lease
}
