import { accountOf, inTransaction, type AccountContext } from '#server/platform/core/index.ts'
import { unitsOfMicroUsd, usdcAsNumber } from '#server/platform/money/index.ts'
import { readHead } from '#server/integrations/chains/index.ts'
import { askChain, chainOf, hasChain, networkOf } from '../settlements/index.ts'
import { createChainKey } from '../transfers/index.ts'
import type { EscrowCreated, GetBooking } from './bookings.contract.ts'
import { findBooking } from './bookings.service.ts'
import * as queries from './bookings.queries.ts'

/**
 * Makes the address that holds the money of a booking: one per booking, whose key this server has. A second call answers with the
 * same one. Without a chain there is none, and the answer says so.
 *
 * @throws BookingNotFound; ChainUnreadable
 */
export async function createEscrow(ctx: AccountContext, { bookingId }: GetBooking): Promise<EscrowCreated> {
  const { platform } = ctx
  const booking = await findBooking(ctx, bookingId)
  if (!hasChain(platform.env)) return toEscrow(ctx, booking)
  if (booking.escrowKeyId === null) await makeEscrow(ctx, bookingId)
  return toEscrow(ctx, await findBooking(ctx, bookingId))
}

async function makeEscrow(ctx: AccountContext, bookingId: string): Promise<void> {
  const { platform } = ctx
  // Nothing can have arrived before the address existed.
  const head = await askChain(() => readHead(platform))
  await inTransaction(platform.databases.system, async (db) => {
    await queries.lockBooking(db, bookingId)
    if ((await queries.findBooking(db, accountOf(ctx), bookingId))?.escrowKeyId !== null) return
    const key = await createChainKey(platform, { purpose: 'escrow', accountId: accountOf(ctx), db })
    const { chainId } = chainOf(platform)
    await queries.giveEscrow(db, bookingId, { escrowKeyId: key!.id, escrowAddress: key!.address, chainId, nextBlock: Number(head) })
  })
}

function toEscrow({ platform: { env } }: AccountContext, { id, escrowAddress, depositUnits, status }: queries.BookingRow): EscrowCreated {
  const deposit = usdcAsNumber(unitsOfMicroUsd(depositUnits))
  const answer = { success: true, bookingId: id, escrowAddress, depositAmount: deposit } as const
  if (escrowAddress === null) return { ...answer, status: 'simulated', message: 'No escrow wallet is set up' }
  if (status !== 'pending') return { ...answer, status: 'completed', message: 'The deposit has arrived' }
  const message = `Pay ${deposit} USDC on ${networkOf(env)} to this address, and a little ether for the gas of the payouts`
  return { ...answer, status: 'pending', message }
}
