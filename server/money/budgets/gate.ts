import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '#server/platform/core/index.ts'
import { amountAt, countedBy, type Budget } from './budget.ts'
import { refusalOf } from './budgets.errors.ts'
import { exchange } from './budgets.queries.ts'
import type { Lease } from './lease.ts'
import { LeaseBook } from './lease-book.ts'
import { Reservation } from './reservation.ts'
import { lacks, lineOf, needsOf, type Need, type WaitingCall } from './waiting-call.ts'

/** How long others are given to give back what they hold and do not need; a busy one takes longer than most. */
const OTHERS_MS = [25, 75, 200]
/** So long the database is not asked again for what it did not have. */
const FULL_MS = 100
const TELL_EVERY_MS = 1000
/** Calls that are cut off when the server stops say within this time what they took. */
const LAST_CALLS_MS = 1000

/**
 * Lets calls of models begin while all their budgets allow it. A server holds a part of each budget and gives it out by itself; what it
 * holds it has taken in the database before, so that no number of servers and calls spends more than there is. Near the end of a budget
 * nothing is held in advance: what waiting calls need is asked for in one statement, one at a time.
 */
export class BudgetGate {
  readonly #platform: Platform
  readonly #leases = new LeaseBook()
  #waiting: WaitingCall[] = []
  #exchanging: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Called when people have to be told of a budget. */
  readonly #onNotice: () => void

  constructor(platform: Platform, onNotice: () => void) {
    this.#platform = platform
    this.#onNotice = onNotice
  }

  /** Whether all of it is at hand; else the database has to be asked. */
  isAtHand(budgets: readonly Budget[]): boolean {
    return budgets.every((budget) => this.#leases.find(budget.id)?.isOpen)
  }

  /**
   * Sets aside what a call needs, in all of its budgets or in none.
   *
   * @throws what `refusalOf` says, for the first budget that does not allow it.
   */
  reserve(budgets: readonly Budget[], need: Need): Promise<Reservation> {
    const leases = budgets.map((budget) => this.#leases.leaseOf(budget))
    if (leases.every((lease) => !lease.isStale && lease.free >= amountAt(lease.budget, need.most)))
      return Promise.resolve(this.#take(leases, need))
    const full = leases.find((lease) => lease.isKnownToLack(amountAt(lease.budget, need.least)))
    if (full) return Promise.reject(refusalOf(full.budget, full.known!))
    this.#timer ??= setInterval(() => this.#tidy(), TELL_EVERY_MS).unref()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...need, budgets, askedOthers: 0, resolve, reject })
      this.#startExchange()
    })
  }

  /**
   * Whether something is left of each budget, as this server knows it, without setting anything aside.
   *
   * @throws what `refusalOf` says, for the first of which nothing is left.
   */
  requireSomeLeft(budgets: readonly Budget[]): void {
    for (const { id, cap } of budgets) {
      const lease = this.#leases.find(id)
      if (lease?.known && lease.known.spent >= cap) throw refusalOf(lease.budget, lease.known)
    }
  }

  /** The share of a budget that is spent, in hundredths, as this server knows it. */
  percentSpent({ id }: Budget): number {
    const known = this.#leases.find(id)?.known
    return known && known.cap > 0 ? Math.floor((known.spent * 100) / known.cap) : 0
  }

  /** Others need what this server holds: what no call has reserved goes back. */
  giveBack(budgetId: string): void {
    const lease = this.#leases.find(budgetId)
    if (!lease || (lease.free <= 0 && !lease.hasNews)) return
    lease.isScarce = true
    this.#startExchange()
  }

  /** Tells the database what was spent until now, for those who read it. */
  async tell(): Promise<void> {
    await this.#exchanging
    if (!this.#leases.all.some(({ hasNews }) => hasNews)) return
    this.#startExchange()
    await this.#exchanging
  }

  /** Tells the database everything, and gives back what no call needs. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#leases.all.length === 0) return
    const endsBy = performance.now() + LAST_CALLS_MS
    while (this.#leases.all.some(({ reserved }) => reserved > 0) && performance.now() < endsBy) await delay(5)
    await this.#exchanging
    for (const lease of this.#leases.all) lease.isScarce = true
    this.#startExchange()
    await this.#exchanging
  }

  /** Takes as much as there is, at most what is needed; there has to be enough. */
  #take(leases: readonly Lease[], { most }: Need): Reservation {
    const granted = { ...most }
    for (const { budget, free } of leases) {
      const counted = countedBy(budget)
      granted[counted] = Math.min(granted[counted], free)
    }
    return new Reservation(leases, granted, (lease) => this.#ended(lease))
  }

  /** A call ended: what is scarce goes back at once. */
  #ended(lease: Lease): void {
    if (lease.isScarce || this.#leases.isClosing(lease)) this.#startExchange()
  }

  #startExchange(): void {
    this.#exchanging ??= this.#exchangeAll().finally(() => {
      this.#exchanging = undefined
      if (this.#waiting.length > 0) this.#startExchange()
    })
  }

  async #exchangeAll(): Promise<void> {
    // What else comes in this turn goes along.
    await Promise.resolve()
    for (;;) {
      const calls = this.#waiting.splice(0)
      try {
        await this.#exchangeOnce(calls)
      } catch (error) {
        for (const { reject } of calls) reject(error)
        if (calls.length === 0) this.#platform.log.warn({ err: error }, 'could not tell the database what was spent')
        return
      }
      this.#answer(calls)
      // What ended meanwhile, of what is scarce, goes back at once as well.
      if (this.#waiting.length === 0 && !this.#leases.all.some(({ mayGoBack }) => mayGoBack)) return
    }
  }

  async #exchangeOnce(calls: WaitingCall[]): Promise<void> {
    const needs = needsOf(calls, (budget) => this.#leases.leaseOf(budget))
    const told = this.#leases.all.filter((lease) => needs.has(lease) || lease.hasNews || lease.mayGoBack)
    if (told.length === 0) return
    const lines = told.map((lease) => lineOf(lease, needs.get(lease)))
    const askedAt = performance.now()
    const answers = await exchange(this.#platform.databases.system, this.#platform.serverId, lines)
    for (const { number, ...answer } of answers) told[number]!.hear(answer, askedAt)
    if (answers.some(({ noticed }) => noticed)) this.#onNotice()
    this.#leases.forgetClosed()
  }

  /** Calls begin as far as there is enough, in the order in which they came. */
  #answer(calls: WaitingCall[]): void {
    for (const call of calls) {
      call.budgets = call.budgets.filter(({ id }) => !this.#leases.find(id)?.isRemoved)
      const leases = call.budgets.map((budget) => this.#leases.leaseOf(budget))
      const lacking = lacks(leases, call.least)
      if (!lacking) call.resolve(this.#take(leases, call))
      // Its window ended meanwhile, or others were faster with what was asked for.
      else if (!lacking.state || !lacking.isOpen || !lacking.wasShort) this.#waiting.push(call)
      else if (call.askedOthers < OTHERS_MS.length && lacking.state.held > lacking.state.own) void this.#askAgain(call)
      else {
        lacking.fullUntil = performance.now() + FULL_MS
        lacking.refuse()
        call.reject(refusalOf(lacking.budget, lacking.known!))
      }
    }
  }

  async #askAgain(call: WaitingCall): Promise<void> {
    await delay(OTHERS_MS[call.askedOthers])
    this.#waiting.push({ ...call, askedOthers: call.askedOthers + 1 })
    this.#startExchange()
  }

  /** Tells what was spent, and gives back what is idle, every now and then. */
  #tidy(): void {
    if (this.#leases.tidy()) this.#startExchange()
  }
}
