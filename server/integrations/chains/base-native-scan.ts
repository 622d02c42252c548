import type { Address, Hex } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { isRefusal } from './connection.ts'
import { readChain, type ChainReader } from './evm.ts'

/** Ether that moved by a transaction of its own. */
export interface NativeTransfer {
  hash: Hex
  from: Address
  to: Address
  amount: bigint
  blockNumber: bigint
}

/** What changes with every transaction an address sends, and with nearly all that it gets. */
interface Trace {
  balance: bigint
  nonce: number
}

/**
 * Ether an address sent or received in a range of blocks, newest first. Only blocks in which its balance or its nonce changed are
 * read, and found by halving the range: a block has up to a megabyte. What contracts pass on within a transaction is not seen.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function scanNativeTransfers(
  platform: Platform,
  { address, fromBlock, toBlock, limit }: { address: Address; fromBlock: bigint; toBlock: bigint; limit: number },
): Promise<NativeTransfer[]> {
  const client = await baseClient(platform)
  const found: NativeTransfer[] = []
  const look = async (before: bigint, last: bigint, atStart: Trace | undefined, atEnd: Trace | undefined): Promise<void> => {
    if (found.length >= limit || (atStart && atEnd && isSame(atStart, atEnd))) return
    if (last - before === 1n) return void found.push(...(await transfersIn(client, address, last)))
    const middle = (before + last) / 2n
    const atMiddle = await traceAt(client, address, middle)
    await look(middle, last, atMiddle, atEnd)
    await look(before, middle, atStart, atMiddle)
  }
  const before = fromBlock > 0n ? fromBlock - 1n : 0n
  if (toBlock > before) await look(before, toBlock, await traceAt(client, address, before), await traceAt(client, address, toBlock))
  return found.slice(0, limit)
}

const isSame = (a: Trace, b: Trace): boolean => a.balance === b.balance && a.nonce === b.nonce

/** Undefined where the node no longer keeps what was after that block. */
async function traceAt(client: ChainReader, address: Address, blockNumber: bigint): Promise<Trace | undefined> {
  try {
    const [balance, nonce] = await Promise.all([
      readChain(client, () => client.getBalance({ address, blockNumber }), isRefusal),
      readChain(client, () => client.getTransactionCount({ address, blockNumber }), isRefusal),
    ])
    return { balance, nonce }
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

async function transfersIn(client: ChainReader, address: Address, blockNumber: bigint): Promise<NativeTransfer[]> {
  const wanted = address.toLowerCase()
  const { transactions } = await readChain(client, () => client.getBlock({ blockNumber, includeTransactions: true }))
  return transactions
    .filter(({ from, to, value }) => value > 0n && (from.toLowerCase() === wanted || to?.toLowerCase() === wanted))
    .flatMap(({ hash, from, to, value }) => (to ? [{ hash, from, to, amount: value, blockNumber }] : []))
    .reverse()
}
