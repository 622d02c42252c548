import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { MicroUsd } from '#server/platform/money/index.ts'
import { balanceAccount, externalAccount } from './ledger.accounts.ts'
import * as queries from './ledger.queries.ts'
import { postTransaction } from './ledger.service.ts'

interface Reversal {
  /** Booking the same one twice fails. */
  id: string
  reason: string
  /** The book the money once came from, such as `stripe`. */
  toAccount: string
  amountMicroUsd: MicroUsd
}

/**
 * Takes credit back whose payment was given back: as much of it as the balance has. What was spent already cannot be taken.
 *
 * @returns how much was taken, in millionths of a US dollar.
 */
export async function takeBack(systemDb: Db, accountId: AccountId, { id, reason, toAccount, amountMicroUsd }: Reversal): Promise<MicroUsd> {
  const [from, to] = [balanceAccount(accountId), externalAccount(toAccount)]
  await queries.insertBooks(systemDb, [to])
  // In the order in which money comes in, so that the two never wait for each other.
  await queries.lockBook(systemDb, to)
  const taken = Math.min(await queries.lockBook(systemDb, from), amountMicroUsd)
  const entries = [
    { book: from, amountMicroUsd: -taken },
    { book: to, amountMicroUsd: taken },
  ]
  await postTransaction(systemDb, { id, reason, entries })
  return taken
}
