import type Stripe from 'stripe'
import { askStripe } from '#server/integrations/stripe/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import { listOpen, syncCheckout } from '../checkout/index.ts'
import { listClaimable, listUnchecked, syncSubscription } from '../subscriptions/index.ts'
import { handleEvent, heardTypes } from './handle-event.service.ts'
import * as queries from './sweep.queries.ts'

/** How often Stripe is asked what happened. */
const EVERY_SECONDS = 180
/** An event may turn up in the list a while after it happened. */
const OVERLAP_SECONDS = 15 * 60
/** The first sweep of a server looks back so far. */
const FIRST_DAYS = 3
/** Stripe lists the events of so many days. */
export const LISTED_DAYS = 30
const DAY_SECONDS = 86_400
/** A page to pay at that nobody has spoken of for so long is asked for. */
const OPEN_SECONDS = 30 * 60
/** Most things one pass asks for. */
const BATCH = 200
/** Most types that one list of events can be asked for. */
const MAX_TYPES = 20

/**
 * Asks Stripe what happened and does what its deliveries should have done: what got lost on the way heals by itself within minutes.
 * Without a key at Stripe nothing happens.
 */
export async function sweepStripe(platform: Platform): Promise<void> {
  if (!platform.env.STRIPE_SECRET_KEY) return
  const { system } = platform.databases
  const sweptUntil = await queries.claimSweep(system, EVERY_SECONDS, FIRST_DAYS)
  if (sweptUntil === undefined) return
  const began = new Date().toISOString()
  const from = Math.floor(Date.parse(sweptUntil) / 1000) - OVERLAP_SECONDS
  const { failed } = await handleEventsSince(platform, from)
  // What could not be handled is looked at again.
  if (failed === 0) await queries.setSweptUntil(system, began)
}

/** What came of a look at events. */
export interface Swept {
  /** Events that had not been heard of. */
  missed: number
  failed: number
}

/** Handles every event since a time (Unix), the oldest first. One that fails does not keep the others from being handled. */
export async function handleEventsSince(platform: Platform, from: number): Promise<Swept> {
  const swept: Swept = { missed: 0, failed: 0 }
  for (const event of await listEvents(platform, from)) {
    if (platform.shutdown.aborted) return { ...swept, failed: swept.failed + 1 }
    try {
      if (await handleEvent(platform, event)) swept.missed += 1
    } catch (error) {
      swept.failed += 1
      platform.log.error({ err: error, eventId: event.id }, 'an event of Stripe could not be handled')
    }
  }
  if (swept.missed > 0) platform.log.warn({ events: swept.missed }, 'Stripe told of events that had not arrived')
  return swept
}

async function listEvents(platform: Platform, from: number): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = []
  for (let start = 0; start < heardTypes.length; start += MAX_TYPES) {
    const types = heardTypes.slice(start, start + MAX_TYPES)
    await askStripe(platform, async (stripe) => {
      for await (const event of stripe.events.list({ created: { gte: from }, types, limit: 100 })) events.push(event)
    })
  }
  return events.sort((a, b) => a.created - b.created)
}

/**
 * Looks at everything that may have changed and was not looked at for a day, at pages to pay at that nobody has spoken of, and at what
 * waits for people who are here by now.
 */
export async function checkStripe(platform: Platform): Promise<void> {
  if (!platform.env.STRIPE_SECRET_KEY) return
  const { system } = platform.databases
  for (const { id } of await listUnchecked(system, DAY_SECONDS, BATCH)) await attempt(platform, id, () => syncSubscription(platform, id))
  for (const { id } of await listOpen(system, OPEN_SECONDS, BATCH)) await attempt(platform, id, () => syncCheckout(platform, id))
  for (const id of await listClaimable(system, BATCH)) await attempt(platform, id, () => syncCheckout(platform, id))
}

async function attempt(platform: Platform, id: string, work: () => Promise<unknown>): Promise<void> {
  if (platform.shutdown.aborted) return
  await work().catch((error: unknown) => platform.log.error({ err: error, id }, 'could not look at something of Stripe'))
}
