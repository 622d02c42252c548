import type { Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import type { Incoming } from './incoming.service.ts'
import * as queries from './transfers.queries.ts'

/**
 * Sees through all transfers that are not over. To be called again and again, on any number of servers; it does nothing where
 * there is no chain.
 */
export async function driveTransfers(platform: Platform): Promise<void> {
  const { BASE_RPC_URL, BASE_SEPOLIA_RPC_URL } = platform.env
  if (!(BASE_RPC_URL ?? BASE_SEPOLIA_RPC_URL) || !(await queries.hasOpen(platform.databases.system))) return
  // What speaks to the chain takes a second and much memory to load, and most servers never need it.
  const { driveOpen } = await import('./drive.service.ts')
  await driveOpen(platform)
}

/** The same, soon: for who has just ordered one and does not wait for it. */
export function driveTransfersSoon(platform: Platform): void {
  driveTransfers(platform).catch((error: unknown) => {
    if (!platform.shutdown.aborted) platform.log.error({ err: error }, 'could not see to transfers; it will be tried again')
  })
}

/** USDC that arrived at an address; see `readIncoming`. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function incomingTransfers(platform: Platform, address: Address, fromBlock: bigint): Promise<Incoming> {
  const { readIncoming } = await import('./incoming.service.ts')
  return readIncoming(platform, address, fromBlock)
}
