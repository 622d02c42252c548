import { amountAt, type Amounts, type Budget } from './budget.ts'
import type { ExchangeLine } from './exchange-line.ts'
import type { Lease } from './lease.ts'
import type { Reservation } from './reservation.ts'

/** What a call needs of its budgets: with less than `least` it does not begin, and with more than `most` it can do nothing. */
export interface Need {
  least: Amounts
  most: Amounts
}

/** A call that cannot begin before the database was asked. */
export interface WaitingCall extends Need {
  budgets: readonly Budget[]
  /** How often others were asked to give back what they do not need. */
  askedOthers: number
  resolve(reservation: Reservation): void
  reject(error: unknown): void
}

type LeaseNeed = Pick<ExchangeLine, 'need' | 'least'>

/** What calls need of each lease: all that they can use together, and the least that lets one of them begin. */
export function needsOf(calls: readonly WaitingCall[], leaseOf: (budget: Budget) => Lease): Map<Lease, LeaseNeed> {
  const needs = new Map<Lease, LeaseNeed>()
  for (const { budgets, least, most } of calls)
    for (const lease of budgets.map(leaseOf)) {
      const sum = needs.get(lease) ?? { need: 0, least: Infinity }
      needs.set(lease, {
        need: sum.need + amountAt(lease.budget, most),
        least: Math.min(sum.least, amountAt(lease.budget, least)),
      })
    }
  return needs
}

/** What is said to the database of a lease: what is free of it is used first, or goes back where it is of no use here. */
export function lineOf(lease: Lease, { need, least }: LeaseNeed = { need: 0, least: 0 }): ExchangeLine {
  const free = Math.max(lease.free, 0)
  const isGivenBack = lease.isStale || (need === 0 && lease.mayGoBack)
  const kept = isGivenBack ? 0 : free
  return lease.say({ need: Math.max(need - kept, 0), least: Math.max(least - kept, 0), back: free - kept })
}

/** The first lease that has not even the least that is needed. */
export const lacks = (leases: readonly Lease[], least: Amounts): Lease | undefined =>
  leases.find((lease) => !lease.state || lease.isStale || lease.free < amountAt(lease.budget, least))
