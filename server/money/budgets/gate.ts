import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '#server/platform/core/index.ts'
import { amountAt, countedBy, type Amounts, type Budget } from './budget.ts'
import { refusalOf } from './budgets.errors.ts'
import { exchange } from './budgets.queries.ts'
import { Lease } from './lease.ts'
import { Reservation } from './reservation.ts'

/** What a call needs of its budgets: with less than `least` it does not begin, and with more than `most` it can do nothing. */
export interface Need {
  least: Amounts
  most: Amounts
}

interface Waiting extends Need {
  budgets: readonly Budget[]
  /** How often others were asked to give back what they do not need. */
  askedOthers: number
  resolve(reservation: Reservation): void
  reject(error: unknown): void
}

/** How long others are given to give back what they hold and do not need; a busy one takes longer than most. */
const OTHERS_MS = [25, 75, 200]
/** So long the database is not asked again for what it did not have. */
const FULL_MS = 100
const TELL_EVERY_MS = 1000
/** What no call has touched for this long goes back. */
const IDLE_MS = 5000
/** Calls that are cut off when the server stops say within this time what they took. */
const LAST_CALLS_MS = 1000

/**
 * Lets calls of models begin while all their budgets allow it. A server holds a part of each budget and gives it out by itself; what it
 * holds it has taken in the database before, so that no number of servers and calls spends more than there is. Near the end of a budget
 * nothing is held in advance: what waiting calls need is asked for in one statement, one at a time.
 */
export class BudgetGate {
  readonly #platform: Platform
  /** By id of the budget; of the window that runs. */
  readonly #leases = new Map<string, Lease>()
  /** Of windows that are over, until the last call in them has ended. */
  readonly #closing = new Set<Lease>()
  #waiting: Waiting[] = []
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
    return budgets.every((budget) => this.#leases.get(budget.id)?.isOpen)
  }

  /**
   * Sets aside what a call needs, in all of its budgets or in none.
   *
   * @throws what `refusalOf` says, for the first budget that does not allow it.
   */
  reserve(budgets: readonly Budget[], need: Need): Promise<Reservation> {
    const leases = budgets.map((budget) => this.#leaseOf(budget))
    if (leases.every((lease) => !lease.isStale && lease.free >= amountAt(lease.budget, need.most)))
      return Promise.resolve(this.#take(leases, need))
    const full = leases.find((lease) => lease.isKnownToLack(amountAt(lease.budget, need.least)))
    if (full) return Promise.reject(refusalOf(full.budget, full.state!))
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
      const lease = this.#leases.get(id)
      if (lease?.state && lease.state.spent + lease.spent + lease.over >= cap) throw refusalOf(lease.budget, lease.state)
    }
  }

  /** The share of a budget that is spent, in hundredths, as this server knows it. */
  percentSpent({ id }: Budget): number {
    const lease = this.#leases.get(id)
    if (!lease?.state || lease.state.cap === 0) return 0
    return Math.floor(((lease.state.spent + lease.spent + lease.over) * 100) / lease.state.cap)
  }

  /** Others need what this server holds: what no call has reserved goes back. */
  giveBack(budgetId: string): void {
    const lease = this.#leases.get(budgetId)
    if (!lease || (lease.free <= 0 && !lease.hasNews)) return
    lease.isScarce = true
    this.#startExchange()
  }

  /** Tells the database what was spent until now, for those who read it. */
  async tell(): Promise<void> {
    await this.#exchanging
    if (!this.#all().some(({ hasNews }) => hasNews)) return
    this.#startExchange()
    await this.#exchanging
  }

  /** Tells the database everything, and gives back what no call needs. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#all().length === 0) return
    const endsBy = performance.now() + LAST_CALLS_MS
    while (this.#all().some(({ reserved }) => reserved > 0) && performance.now() < endsBy) await delay(5)
    await this.#exchanging
    for (const lease of this.#all()) lease.isScarce = true
    this.#startExchange()
    await this.#exchanging
  }

  #all(): Lease[] {
    return [...this.#leases.values(), ...this.#closing]
  }

  /** The lease of the window that runs, which is empty until the database was asked. */
  #leaseOf(budget: Budget): Lease {
    const known = this.#leases.get(budget.id)
    if (known?.isOpen && known.budget.cap === budget.cap) return known
    if (known?.isOpen) return this.#withNewCap(known, budget)
    if (known) this.#closing.add(known)
    const lease = new Lease(budget)
    this.#leases.set(budget.id, lease)
    this.#timer ??= setInterval(() => this.#tidy(), TELL_EVERY_MS).unref()
    return lease
  }

  /** What it holds may be more than there is now: it goes back, and is asked for anew. */
  #withNewCap(lease: Lease, budget: Budget): Lease {
    lease.budget = budget
    lease.fullUntil = 0
    lease.isStale = true
    return lease
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
    if (lease.isScarce || this.#closing.has(lease)) this.#startExchange()
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
      if (this.#waiting.length === 0 && !this.#all().some(mayGoBack)) return
    }
  }

  async #exchangeOnce(calls: Waiting[]): Promise<void> {
    const needs = new Map<Lease, { need: number; least: number }>()
    for (const { budgets, least, most } of calls)
      for (const lease of budgets.map((budget) => this.#leaseOf(budget))) {
        const sum = needs.get(lease) ?? { need: 0, least: Infinity }
        needs.set(lease, {
          need: sum.need + amountAt(lease.budget, most),
          least: Math.min(sum.least, amountAt(lease.budget, least)),
        })
      }
    const told = this.#all().filter((lease) => needs.has(lease) || lease.hasNews || mayGoBack(lease))
    if (told.length === 0) return
    const lines = told.map((lease) => {
      const { need, least } = needs.get(lease) ?? { need: 0, least: 0 }
      const free = Math.max(lease.free, 0)
      const isGivenBack = lease.isStale || (need === 0 && mayGoBack(lease))
      const kept = isGivenBack ? 0 : free
      return lease.say({ need: Math.max(need - kept, 0), least: Math.max(least - kept, 0), back: free - kept })
    })
    const askedAt = performance.now()
    const answers = await exchange(this.#platform.databases.system, this.#platform.serverId, lines)
    for (const { number, ...answer } of answers) told[number]!.hear(answer, askedAt)
    if (answers.some(({ noticed }) => noticed)) this.#onNotice()
    for (const lease of this.#closing) if (lease.reserved === 0 && !lease.hasNews && lease.free <= 0) this.#closing.delete(lease)
  }

  /** Calls begin as far as there is enough, in the order in which they came. */
  #answer(calls: Waiting[]): void {
    for (const call of calls) {
      call.budgets = call.budgets.filter(({ id }) => !this.#leases.get(id)?.isRemoved)
      const leases = call.budgets.map((budget) => this.#leaseOf(budget))
      const lacking = lacks(leases, call.least)
      if (!lacking) call.resolve(this.#take(leases, call))
      // Its window ended meanwhile, or others were faster with what was asked for.
      else if (!lacking.state || !lacking.isOpen || !lacking.wasShort) this.#waiting.push(call)
      else if (call.askedOthers < OTHERS_MS.length && lacking.state.held > lacking.state.own) void this.#askAgain(call)
      else {
        lacking.fullUntil = performance.now() + FULL_MS
        lacking.refuse()
        call.reject(refusalOf(lacking.budget, lacking.state))
      }
    }
  }

  async #askAgain(call: Waiting): Promise<void> {
    await delay(OTHERS_MS[call.askedOthers])
    this.#waiting.push({ ...call, askedOthers: call.askedOthers + 1 })
    this.#startExchange()
  }

  /** Tells what was spent, and gives back what is idle, every now and then. */
  #tidy(): void {
    for (const [id, lease] of this.#leases) {
      if (!lease.isOpen) {
        this.#leases.delete(id)
        this.#closing.add(lease)
      } else if (lease.reserved === 0 && performance.now() - lease.usedAt > IDLE_MS) {
        lease.isScarce = true
        if (lease.free <= 0 && !lease.hasNews) this.#leases.delete(id)
      }
    }
    if (this.#all().some((lease) => lease.hasNews || mayGoBack(lease))) this.#startExchange()
  }
}

/** Whether what is free of it is of no use here. */
const mayGoBack = (lease: Lease): boolean =>
  (lease.isScarce || lease.isStale || !lease.isOpen) && lease.free > 0 && lease.state !== undefined

/** The first lease that has not even the least that is needed. */
const lacks = (leases: readonly Lease[], least: Amounts): Lease | undefined =>
  leases.find((lease) => !lease.state || lease.isStale || lease.free < amountAt(lease.budget, least))
