import type { Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { readHead, readTransferLogs, usdcAddress, type LoggedTransfer } from '#server/integrations/chains/index.ts'

/** USDC that arrived at an address, up to a block. */
export interface Incoming {
  /** Oldest first. A transfer is named by `txHash` and `logIndex`; store it under both, so that it counts once. */
  transfers: LoggedTransfer[]
  /** Where to go on the next time. */
  nextBlock: bigint
}

/**
 * USDC on Base that arrived at an address from a block on, as deep in the chain as it takes to be confirmed: what is nearer to the
 * head may still vanish, and comes the next time.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function readIncoming(platform: Platform, address: Address, fromBlock: bigint): Promise<Incoming> {
  const toBlock = (await readHead(platform)) - BigInt(platform.env.CHAIN_CONFIRMATIONS) + 1n
  if (toBlock < fromBlock) return { transfers: [], nextBlock: fromBlock }
  const token = usdcAddress(platform.env)
  const transfers = await readTransferLogs(platform, { token, address, direction: 'to', fromBlock, toBlock })
  return { transfers, nextBlock: toBlock + 1n }
}
