import { erc20Abi, isAddressEqual, parseAbi, parseEventLogs, type Address, type Hex } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { findBaseReceipt, readHead } from './base-blocks.ts'
import { readChain } from './evm.ts'

/** What a payer has signed for a token to move once, by anybody who sends it (EIP-3009). `value` is in the token's smallest unit. */
interface Authorization {
  token: Address
  from: Address
  to: Address
  value: bigint
  nonce: Hex
}

const abi = parseAbi([
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
])

/** Base makes a block every two seconds. */
const BLOCK_SECONDS = 2
/** For clocks that differ. */
const SPARE_BLOCKS = 300
/** Most blocks that are asked for at once: nodes refuse more than some thousand. */
const MAX_BLOCKS = 5000n

/**
 * The transaction that moved what an authorization is for; undefined when none has. One that used up its nonce and paid
 * somebody else, or something else, is none.
 *
 * @param sinceSeconds How old the oldest transaction is that can be it.
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function findAuthorizedTransfer(platform: Platform, of: Authorization, sinceSeconds: number): Promise<Hex | undefined> {
  const { token, from, nonce } = of
  const client = await baseClient(platform)
  const isUsed = await readChain(client, () =>
    client.readContract({ address: token, abi, functionName: 'authorizationState', args: [from, nonce] }),
  )
  if (!isUsed) return undefined
  const head = await readHead(platform)
  const oldest = head - BigInt(Math.ceil(sinceSeconds / BLOCK_SECONDS) + SPARE_BLOCKS)
  for (let last = head; last >= 0n && last >= oldest; last -= MAX_BLOCKS) {
    const fromBlock = last >= MAX_BLOCKS ? last - MAX_BLOCKS + 1n : 0n
    const [log] = await readChain(client, () =>
      client.getLogs({ address: token, event: abi[1], args: { authorizer: from, nonce }, fromBlock, toBlock: last, strict: true }),
    )
    if (log) return (await pays(platform, log.transactionHash, of)) ? log.transactionHash : undefined
  }
  return undefined
}

async function pays(platform: Platform, txHash: Hex, { token, from, to, value }: Authorization): Promise<boolean> {
  const receipt = await findBaseReceipt(platform, txHash)
  if (receipt?.status !== 'success') return false
  return parseEventLogs({ abi: erc20Abi, eventName: 'Transfer', logs: receipt.logs }).some(
    ({ address, args }) =>
      isAddressEqual(address, token) && isAddressEqual(args.from, from) && isAddressEqual(args.to, to) && args.value === value,
  )
}
