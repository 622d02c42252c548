import type { Address, Hex } from 'viem'
import { inTransaction, type Platform } from '#server/platform/core/index.ts'
import { readBalances, sendTransaction, signTransfer, usdcAddress, type Outgoing } from '#server/integrations/chains/index.ts'
import type { ChainKeyRow } from './chain-keys.queries.ts'
import { openChainKey } from './chain-keys.service.ts'
import * as senders from './senders.queries.ts'
import { planWith } from './plan.service.ts'
import { highestFee, neededFunds, type Fees, type Funds } from './transactions.rules.ts'
import * as transfers from './transfers.queries.ts'

/** What is sent, of a row. */
export const outgoingOf = ({ recipient, asset, amount }: Pick<transfers.TransferRow, 'recipient' | 'asset' | 'amount'>): Outgoing => ({
  to: recipient as Address,
  token: asset as Address | null,
  amount: BigInt(amount),
})

/**
 * Signs the next transfer of a key, and gives it to the chain. The bytes are committed before they are sent, so that whatever
 * happens in between, the same bytes are sent again and none in their place.
 *
 * @param at.head The block up to which it is known what of the key is in the chain.
 * @returns false when the next one has to wait.
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function sendQueued(
  platform: Platform,
  key: ChainKeyRow,
  sender: senders.Sender,
  transfer: transfers.TransferRow,
  { head, lease }: { head: bigint; lease: string },
): Promise<boolean> {
  const { system } = platform.databases
  const planned = await planFees(platform, key, transfer, head)
  if ('obstacle' in planned) {
    if (!transfer.waitsForFunds) return transfers.failQueued(system, transfer.id, planned.obstacle)
    await transfers.noteProblem(system, transfer.id, planned.obstacle)
    return false
  }
  const raw = await inTransaction(system, async (db) => {
    const nonce = await senders.takeNonce(db, sender, lease)
    if (nonce === undefined) return undefined
    const signed = await signTransfer(await openChainKey(platform, db, key.id), {
      ...outgoingOf(transfer),
      chainId: sender.chainId,
      nonce,
      fees: planned.fees,
    })
    if (!(await transfers.markSigned(db, transfer.id, nonce, signed.hash))) throw new Error(`${transfer.id} is no longer queued`)
    await senders.insertTransaction(db, transfer.id, signed, planned.fees)
    return signed.raw
  })
  if (raw === undefined) return false
  await broadcastTransfer(platform, transfer.id, raw)
  return true
}

/**
 * Gives the bytes of a transfer to the chain, and writes down that it has them, or why it does not take them now.
 *
 * @returns what the chain said.
 */
export async function broadcastTransfer(platform: Platform, transferId: string, raw: string) {
  const { system } = platform.databases
  const taken = await sendTransaction(platform, raw as Hex)
  if (taken.outcome === 'refused') await transfers.noteProblem(system, transferId, `The chain does not take it yet: ${taken.reason}`)
  else if (taken.outcome !== 'nonce-used') await transfers.markBroadcast(system, transferId)
  return taken
}

/** What the transaction may cost, or what stands in the way of the transfer now, as a sentence. */
async function planFees(
  platform: Platform,
  key: ChainKeyRow,
  transfer: transfers.TransferRow,
  head: bigint,
): Promise<{ fees: Fees } | { obstacle: string }> {
  const held = await availableFunds(platform, key, transfer, head)
  const { fees, obstacle } = await planWith(platform, key.address as Address, outgoingOf(transfer), held)
  return fees && obstacle === undefined ? { fees } : { obstacle: obstacle! }
}

/** What the address has after a block, without what it has sent and is not yet in one by then. */
async function availableFunds(
  platform: Platform,
  key: ChainKeyRow,
  { asset, chainId }: transfers.TransferRow,
  head: bigint,
): Promise<Funds> {
  const { system } = platform.databases
  const counted = (asset ?? usdcAddress(platform.env)) as Address
  const held: Funds = await readBalances(platform, key.address as Address, counted, head)
  for (const pending of await transfers.listSigned(system, key.id, chainId, 0)) {
    if (pending.blockNumber !== null) continue
    const [newest] = await senders.listTransactions(system, pending.id)
    const cost = highestFee({ gas: BigInt(newest!.gas), maxFeePerGas: BigInt(newest!.maxFeePerGas), maxPriorityFeePerGas: 0n })
    const needed = neededFunds(outgoingOf(pending), cost)
    held.native -= needed.native
    if (pending.asset === counted) held.token -= needed.token
  }
  return held
}
