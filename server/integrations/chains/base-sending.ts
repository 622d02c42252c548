import { encodeFunctionData, erc20Abi, keccak256, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { isRefusal } from './connection.ts'
import { readChain } from './evm.ts'
import { reasonOf } from './preflight.ts'

/** Money to send. `token` is the contract of a token (ERC-20), null for ether; `amount` is in its smallest unit. */
export interface Outgoing {
  to: Address
  token: Address | null
  amount: bigint
}

/** What a transaction may cost, in wei. */
export interface Fees {
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** A transaction with its signature, as bytes, and the hash by which the chain knows it. */
export interface SignedTransaction {
  raw: Hex
  hash: Hex
}

/** What the node said to a transaction: it has it, it had it before or its nonce is used up, or why it does not take it. */
export type Taken = { outcome: 'taken' } | { outcome: 'known' } | { outcome: 'nonce-used' } | { outcome: 'refused'; reason: string }

/** A transaction costs what the blocks ask for at the time; for so much more there is room until it is in one. */
const GAS_PERCENT = 120n

const callOf = ({ to, token, amount }: Outgoing) =>
  token === null
    ? { to, value: amount }
    : { to: token, value: 0n, data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] }) }

/**
 * What a transfer may cost now, twice the present base fee at most.
 *
 * @returns why it would not go through, as a sentence, where the chain says so.
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function estimateFees(platform: Platform, from: Address, outgoing: Outgoing): Promise<Fees | { refusal: string }> {
  const client = await baseClient(platform)
  try {
    const [gas, { maxFeePerGas, maxPriorityFeePerGas }] = await Promise.all([
      readChain(client, () => client.estimateGas({ account: from, ...callOf(outgoing) }), isRefusal),
      readChain(client, async () => {
        const { baseFeePerGas } = await client.getBlock()
        const tip = await client.estimateMaxPriorityFeePerGas()
        return { maxFeePerGas: 2n * (baseFeePerGas ?? 0n) + tip, maxPriorityFeePerGas: tip }
      }),
    ])
    return { gas: (gas * GAS_PERCENT) / 100n, maxFeePerGas, maxPriorityFeePerGas }
  } catch (error) {
    if (isRefusal(error)) return { refusal: reasonOf(error) }
    throw error
  }
}

/** Signs a transfer. It needs no chain, and sends nothing. */
export async function signTransfer(
  privateKey: Hex,
  { chainId, nonce, fees, ...outgoing }: Outgoing & { chainId: number; nonce: number; fees: Fees },
): Promise<SignedTransaction> {
  const raw = await privateKeyToAccount(privateKey).signTransaction({ type: 'eip1559', chainId, nonce, ...fees, ...callOf(outgoing) })
  return { raw, hash: keccak256(raw) }
}

/**
 * Gives a signed transaction to the node, once: after a repetition nobody could tell which of the two its answer is about.
 * Whatever it answers, only a receipt says that something was paid.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain; the chain may have it all the same.
 */
export async function sendTransaction(platform: Platform, raw: Hex): Promise<Taken> {
  const client = await baseClient(platform)
  try {
    await readChain(client, () => client.request({ method: 'eth_sendRawTransaction', params: [raw] }, { retryCount: 0 }), isRefusal)
    return { outcome: 'taken' }
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (/already (known|imported)|known transaction/i.test(error.details)) return { outcome: 'known' }
    if (/nonce.*too low/i.test(error.details)) return { outcome: 'nonce-used' }
    return { outcome: 'refused', reason: reasonOf(error) }
  }
}

/** How many transactions of an address are in the chain up to a block, the newest without one. @throws as above */
export async function countTransactions(platform: Platform, address: Address, blockNumber?: bigint): Promise<number> {
  const client = await baseClient(platform)
  return readChain(client, () => client.getTransactionCount({ address, ...(blockNumber === undefined ? {} : { blockNumber }) }))
}
