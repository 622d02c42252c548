import { newId } from '#server/platform/core/index.ts'
import type { Budget } from './budget.ts'
import type { ExchangeLine, PeriodState } from './exchange-line.ts'

/** The end of a window is taken for that much earlier, so that no call is put into one that is over in the database. */
const EARLY_MS = 50

/**
 * The part of one window of a budget that this server may give out by itself. `amount` is what the database knows it to hold:
 * `reserved` for calls that run, `spent` by calls that ended and not told yet, and what is free.
 */
export class Lease {
  budget: Budget
  /** Made by this server, so that a lease that was taken away is not taken for the one that came after it. */
  readonly id = newId('lease')
  /** Undefined until the database has said which window it is. */
  state: PeriodState | undefined
  amount = 0
  reserved = 0
  spent = 0
  /** What calls took beyond what they had reserved, and not told yet. */
  over = 0
  /** What is on its way back to the database. */
  returning = 0
  /** It was taken away, and what its calls take was counted with it. */
  isGone = false
  /** There is no such budget any more. */
  isRemoved = false
  /** Only a few parts of the budget are left: nothing is kept, and all is given back at once. */
  isScarce = false
  /** The budget has changed: before more is given out of it, the database is asked. */
  isStale = false
  /** The database did not have all of what it was asked for last. */
  wasShort = false
  /** Until then (`performance.now()`) the database is not asked again for what it did not have. */
  fullUntil = 0
  /** The last thing that was said to the database and not answered: it is said again until it is. */
  pending: ExchangeLine | undefined
  #exchanges = 0
  /** Whether calls were refused for it, and the database knows; it is told once. */
  #refusal: 'none' | 'new' | 'told' = 'none'
  /** When a call last reserved something, by `performance.now()`. */
  usedAt = performance.now()
  /** What was spent since the rate was looked at last, and when that was. */
  #rateSince = performance.now()
  #rateSpent = 0
  #endsAt = Infinity

  constructor(budget: Budget) {
    this.budget = budget
  }

  get free(): number {
    return this.amount - this.reserved - this.spent - this.returning
  }

  /** What is known of its window: what the database said, and what was spent since. */
  get known(): PeriodState | undefined {
    return this.state && { ...this.state, spent: this.state.spent + this.spent + this.over }
  }

  /** A call was refused for it, as the database said that there is too little. */
  refuse(): void {
    if (this.#refusal === 'none') this.#refusal = 'new'
  }

  /** Whether the database has just said that there is less than that. */
  isKnownToLack(amount: number): boolean {
    if (!this.state || this.fullUntil < performance.now()) return false
    const { cap, spent, held } = this.state
    return this.free + this.returning + Math.max(cap - spent - held, 0) < amount
  }

  /** Whether calls may still be put into its window. */
  get isOpen(): boolean {
    return !this.isGone && performance.now() < this.#endsAt
  }

  /** Whether what is free of it is of no use here. */
  get mayGoBack(): boolean {
    return (this.isScarce || this.isStale || !this.isOpen) && this.free > 0 && this.state !== undefined
  }

  reserve(amount: number): void {
    this.reserved += amount
    this.usedAt = performance.now()
  }

  #lose(): void {
    this.isGone = true
    this.amount = 0
    this.spent = 0
    this.over = 0
  }

  /** A call ended that had reserved so much and took `actual`, which may be more. */
  settle(reserved: number, actual: number): void {
    this.reserved -= reserved
    if (this.isGone) return
    const within = Math.min(actual, reserved)
    // What is more comes from what is free, as far as there is any.
    const extra = Math.min(actual - within, Math.max(this.free - within, 0))
    this.spent += within + extra
    this.over += actual - within - extra
    // What is left may be gone: it is asked for anew.
    if (this.over > 0) this.isScarce = true
    this.#rateSpent += within + extra
  }

  /** What a second of calls takes, going by those since it was asked last. */
  #takeRate(): number {
    const seconds = Math.max((performance.now() - this.#rateSince) / 1000, 0.05)
    const rate = Math.ceil(this.#rateSpent / seconds)
    this.#rateSince = performance.now()
    this.#rateSpent = 0
    return rate
  }

  get hasNews(): boolean {
    return this.spent > 0 || this.over > 0 || this.#refusal === 'new' || this.pending !== undefined
  }

  /** What is said to the database next: what calls took, what goes back, and what waiting calls need. */
  say({ need, least, back }: Pick<ExchangeLine, 'need' | 'least' | 'back'>): ExchangeLine {
    if (this.pending) return this.pending
    const { id, accountId, kind, ownerId, unit, period, zone, cap } = this.budget
    this.returning = back
    this.#exchanges += 1
    this.pending = {
      budget: id,
      account: accountId,
      kind,
      owner: ownerId,
      unit,
      period,
      zone,
      cap,
      lease: this.id,
      exchange: this.#exchanges,
      startsAt: this.state?.startsAt ?? null,
      spent: this.spent,
      over: this.over,
      back,
      need,
      least,
      spare: need > 0 ? Math.max(this.#takeRate(), 4 * need) : 0,
      refused: this.#refusal === 'new',
    }
    return this.pending
  }

  /** The database has booked what it was told. */
  hear(answer: PeriodState & { granted: number; isTaken: boolean; isScarce: boolean; isRemoved: boolean }, askedAt: number): void {
    const { pending } = this
    if (!pending) return
    this.pending = undefined
    this.returning = 0
    if (pending.refused) this.#refusal = 'told'
    this.spent -= pending.spent
    this.over -= pending.over
    this.amount = answer.own
    if (answer.isTaken) this.#lose()
    this.isRemoved = answer.isRemoved
    this.isStale &&= answer.cap !== this.budget.cap && pending.cap !== this.budget.cap
    if (pending.need > 0) this.isScarce = answer.isScarce
    this.wasShort = answer.granted < pending.need
    this.state = answer
    this.#endsAt = askedAt + answer.secondsLeft * 1000 - EARLY_MS
  }
}
