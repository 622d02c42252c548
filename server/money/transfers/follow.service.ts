import type { Address, Hex, TransactionReceipt } from 'viem'
import { inTransaction, type Platform } from '#server/platform/core/index.ts'
import {
  countTransactions,
  estimateFees,
  findBaseReceipt,
  findBlockHash,
  readBalances,
  signTransfer,
  usdcAddress,
} from '#server/integrations/chains/index.ts'
import type { ChainKeyRow } from './chain-keys.queries.ts'
import { openChainKey } from './chain-keys.service.ts'
import { broadcastTransfer, outgoingOf } from './send.service.ts'
import * as senders from './senders.queries.ts'
import { highestFee, MAX_TRANSACTIONS, neededFunds, raisedFees, shortageOf } from './transactions.rules.ts'
import * as transfers from './transfers.queries.ts'

/**
 * Looks up what became of a transfer that was signed: whether one of its transactions is in the chain, and how deep. One that is
 * not, or no longer is, is sent again as it is; one that nobody takes gets another transaction of the same nonce with a higher fee.
 *
 * What a node says is believed only as far as it fits together: a block that it does not have, or that has another hash than
 * the receipt says, changes nothing.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function followTransfer(platform: Platform, key: ChainKeyRow, transfer: transfers.SignedRow, head: bigint): Promise<void> {
  const { system } = platform.databases
  const transactions = await senders.listTransactions(system, transfer.id)
  const receipt = await findReceiptOf(platform, transactions)
  if (receipt) return followReceipt(platform, transfer, receipt, head)
  // A node that lags behind what it said before knows less, and not other things.
  if (transfer.blockNumber !== null && BigInt(transfer.blockNumber) > head) return
  if (transfer.blockNumber !== null) {
    await transfers.noteBlock(system, transfer.id, null)
    platform.log.warn({ transfer: transfer.id }, 'a transfer is no longer in the chain; it is sent again')
  }
  const taken = await broadcastTransfer(platform, transfer.id, transactions[0]!.raw)
  if (!transfer.isStuck) return
  if (taken.outcome === 'nonce-used') await giveUpNonce(platform, key, transfer, head)
  else if (transfer.state === 'broadcast' && transactions.length < MAX_TRANSACTIONS)
    await raiseFee(platform, key, transfer, transactions[0]!)
}

async function findReceiptOf(platform: Platform, transactions: senders.TransactionRow[]): Promise<TransactionReceipt | undefined> {
  for (const { hash } of transactions) {
    const receipt = await findBaseReceipt(platform, hash as Hex)
    if (receipt) return receipt
  }
  return undefined
}

async function followReceipt(platform: Platform, transfer: transfers.SignedRow, receipt: TransactionReceipt, head: bigint): Promise<void> {
  const { system } = platform.databases
  const { blockNumber, blockHash, transactionHash: txHash } = receipt
  if ((await findBlockHash(platform, blockNumber)) !== blockHash) return
  if (transfer.blockHash !== blockHash)
    await transfers.noteBlock(system, transfer.id, { txHash, number: Number(blockNumber), hash: blockHash })
  const lastNeeded = blockNumber + BigInt(platform.env.CHAIN_CONFIRMATIONS) - 1n
  if (head < lastNeeded || !(await findBlockHash(platform, lastNeeded))) return
  const feeWei = String(receipt.gasUsed * receipt.effectiveGasPrice)
  if (receipt.status === 'success') await transfers.markConfirmed(system, transfer.id, feeWei)
  else await transfers.markFailed(system, transfer.id, 'The contract refused the transfer when it came to it.', feeWei)
}

/**
 * The nonce is used up, and by none of our transactions: somebody else has the key, and sent something with it. Ours can never be
 * in the chain, once that other one is deep enough in it.
 */
async function giveUpNonce(platform: Platform, key: ChainKeyRow, transfer: transfers.SignedRow, head: bigint): Promise<void> {
  const deep = head - BigInt(platform.env.CHAIN_CONFIRMATIONS)
  if (deep < 0n || (await countTransactions(platform, key.address as Address, deep)) <= transfer.nonce!) return
  const problem = 'Its nonce was used by a transaction that this server did not send.'
  await transfers.markFailed(platform.databases.system, transfer.id, problem, null)
}

/** Signs another transaction for the same nonce, so that at most one of them can be in the chain, if the address can pay it. */
async function raiseFee(
  platform: Platform,
  key: ChainKeyRow,
  transfer: transfers.SignedRow,
  newest: senders.TransactionRow,
): Promise<void> {
  const { system } = platform.databases
  const outgoing = outgoingOf(transfer)
  const present = await estimateFees(platform, key.address as Address, outgoing)
  if ('refusal' in present) return
  const old = {
    gas: BigInt(newest.gas),
    maxFeePerGas: BigInt(newest.maxFeePerGas),
    maxPriorityFeePerGas: BigInt(newest.maxPriorityFeePerGas),
  }
  const fees = raisedFees(old, present)
  const held = await readBalances(platform, key.address as Address, outgoing.token ?? usdcAddress(platform.env))
  if (shortageOf(held, neededFunds(outgoing, highestFee(fees)), outgoing.token !== null)) return
  const raw = await inTransaction(system, async (db) => {
    const signed = await signTransfer(await openChainKey(platform, db, key.id), {
      ...outgoing,
      chainId: transfer.chainId,
      nonce: transfer.nonce!,
      fees,
    })
    if (!(await transfers.markReplaced(db, transfer.id, newest.hash, signed.hash))) return undefined
    await senders.insertTransaction(db, transfer.id, signed, fees)
    return signed.raw
  })
  if (raw !== undefined) await broadcastTransfer(platform, transfer.id, raw)
}
