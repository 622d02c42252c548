import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './stripe-events.queries.ts'

type Heard = Pick<Stripe.Event, 'id' | 'type' | 'created'>

/** Writes an event down in the transaction that has its effect. @returns false when it had its effect before. */
export const recordEvent = (systemDb: Db, { id, type, created }: Heard): Promise<boolean> =>
  queries.insertEvent(systemDb, id, type, new Date(created * 1000).toISOString())

/** Whether an event has had its effect. */
export const isRecorded = async ({ databases }: Platform, { id }: Heard): Promise<boolean> =>
  (await queries.findEvent(databases.system, id)) !== undefined

/** Stripe sends an event again for three days, and lists it for thirty. */
const KEPT_DAYS = 60

export const forgetOldStripeEvents = ({ databases }: Platform) => queries.deleteOldEvents(databases.system, KEPT_DAYS)
