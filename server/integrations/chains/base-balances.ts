import { erc20Abi, type Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { baseClient } from './base.ts'
import { readChain } from './evm.ts'

/** Wei, and the smallest unit of a token. */
export interface Balances {
  native: bigint
  token: bigint
}

/**
 * What an address has on Base of ether and of a token (ERC-20), after a block; the newest without one.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function readBalances(platform: Platform, address: Address, token: Address, blockNumber?: bigint): Promise<Balances> {
  const client = await baseClient(platform)
  const at = blockNumber === undefined ? {} : { blockNumber }
  const [native, held] = await Promise.all([
    readChain(client, () => client.getBalance({ address, ...at })),
    readChain(client, () => client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [address], ...at })),
  ])
  return { native, token: held }
}

/** The contract of Base that says what it costs to write a transaction to Ethereum (https://docs.optimism.io, GasPriceOracle). */
const GAS_PRICE_ORACLE: Address = '0x420000000000000000000000000000000000000F'
const oracleAbi = [
  {
    type: 'function',
    name: 'getL1FeeUpperBound',
    stateMutability: 'view',
    inputs: [{ name: 'size', type: 'uint256' }],
    outputs: [{ name: '', type: 'uint256' }],
  },
] as const
/** Bytes of a transfer of a token, with its signature; one of ether is shorter. */
const TRANSFER_BYTES = 180n

/**
 * What Base takes at most, on top of its own gas, to write one transfer to Ethereum, in wei. A chain without that contract takes nothing.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function readL1Fee(platform: Platform): Promise<bigint> {
  const client = await baseClient(platform)
  const code = await readChain(client, () => client.getCode({ address: GAS_PRICE_ORACLE }))
  if (!code) return 0n
  const contract = { address: GAS_PRICE_ORACLE, abi: oracleAbi, functionName: 'getL1FeeUpperBound', args: [TRANSFER_BYTES] } as const
  return readChain(client, () => client.readContract(contract))
}
