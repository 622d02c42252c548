import { parseAbiItem, type Address, type Hex } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { readChain } from './evm.ts'

/** A token that moved, as its contract logged it. `amount` is in its smallest unit. */
export interface LoggedTransfer {
  txHash: Hex
  logIndex: number
  blockNumber: bigint
  blockHash: Hex
  from: Address
  to: Address
  amount: bigint
}

const transferEvent = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)')

/** Most blocks that are asked for at once: nodes refuse more than some thousand. */
const MAX_BLOCKS = 5000n

/**
 * Transfers of a token from or to an address in a range of blocks, oldest first, each once.
 *
 * @param direction `from` what the address sent, `to` what it received.
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function readTransferLogs(
  platform: Platform,
  {
    token,
    address,
    direction,
    fromBlock,
    toBlock,
  }: { token: Address; address: Address; direction: 'from' | 'to'; fromBlock: bigint; toBlock: bigint },
): Promise<LoggedTransfer[]> {
  const client = await baseClient(platform)
  const found = new Map<string, LoggedTransfer>()
  for (let start = fromBlock; start <= toBlock; start += MAX_BLOCKS) {
    const end = start + MAX_BLOCKS - 1n < toBlock ? start + MAX_BLOCKS - 1n : toBlock
    const args = direction === 'from' ? { from: address } : { to: address }
    const logs = await readChain(client, () =>
      client.getLogs({ address: token, event: transferEvent, args, fromBlock: start, toBlock: end, strict: true }),
    )
    for (const { transactionHash: txHash, logIndex, blockNumber, blockHash, args: moved, removed } of logs)
      if (!removed)
        found.set(`${txHash} ${logIndex}`, {
          txHash,
          logIndex,
          blockNumber,
          blockHash,
          from: moved.from,
          to: moved.to,
          amount: moved.value,
        })
  }
  return [...found.values()]
}
