import { BlockNotFoundError, TransactionReceiptNotFoundError, type Hex, type TransactionReceipt } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { readChain } from './evm.ts'

/** Number of the newest block, as the node says. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function readHead(platform: Platform): Promise<bigint> {
  const client = await baseClient(platform)
  return readChain(client, () => client.getBlockNumber({ cacheTime: 0 }))
}

/** Hash of the block with a number; undefined when the node has none. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function findBlockHash(platform: Platform, blockNumber: bigint): Promise<Hex | undefined> {
  const client = await baseClient(platform)
  const isNotFound = (error: unknown) => error instanceof BlockNotFoundError
  try {
    return (await readChain(client, () => client.getBlock({ blockNumber }), isNotFound)).hash
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/**
 * The receipt of a transaction on Base; undefined for one that is in no block that the node knows.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function findBaseReceipt(platform: Platform, hash: Hex): Promise<TransactionReceipt | undefined> {
  const client = await baseClient(platform)
  const isNotFound = (error: unknown) => error instanceof TransactionReceiptNotFoundError
  try {
    return await readChain(client, () => client.getTransactionReceipt({ hash }), isNotFound)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** When a block was made, as ISO 8601. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function readBlockTime(platform: Platform, blockNumber: bigint): Promise<string> {
  const client = await baseClient(platform)
  const { timestamp } = await readChain(client, () => client.getBlock({ blockNumber }))
  return new Date(Number(timestamp) * 1000).toISOString()
}
