import type { Db } from '#db/client.ts'
import { inTransaction, type Platform } from '#server/platform/core/index.ts'
import * as queries from './stripe-events.queries.ts'

/** Something at Stripe of which a copy is kept here. */
export interface Subject<T> {
  id: string
  /** Asks Stripe how it is now. */
  fetch(): Promise<T>
  /**
   * Stores that, in a transaction of the system. It has to be harmless to repeat.
   *
   * @returns what is to be done last in the transaction, such as telling the audit log.
   */
  write(systemDb: Db, seen: T): Promise<void | (() => Promise<unknown>)>
}

/**
 * Looks at a thing of Stripe's and stores what it is like now. However many look at the same moment, on whatever server, what was
 * seen last stays: whoever looks takes a number first, and does not write when somebody with a higher number has written. That one
 * began to look later, and so has seen all that led to this look. Nothing is locked while Stripe is asked.
 *
 * @param also Done in the same transaction, whoever writes.
 * @returns what was seen.
 */
export async function look<T>(
  { databases: { system } }: Platform,
  { id, fetch, write }: Subject<T>,
  also: (systemDb: Db, seen: T) => Promise<unknown> = async () => undefined,
): Promise<T> {
  const number = await queries.takeNumber(system, id)
  const seen = await fetch()
  await inTransaction(system, async (db) => {
    const finish = (await queries.claimWrite(db, id, number)) ? await write(db, seen) : undefined
    await also(db, seen)
    await finish?.()
  })
  return seen
}
