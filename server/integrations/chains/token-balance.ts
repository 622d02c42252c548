import { BaseError, createPublicClient, type Address, type PublicClient } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { ChainUnreadable } from './chains.errors.ts'
import { rpcTransport } from './connection.ts'

const tokenAbi = [
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ name: 'account', type: 'address' }],
    outputs: [{ name: '', type: 'uint256' }],
  },
  { type: 'function', name: 'symbol', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'string' }] },
] as const

/** What a wallet has of a token. */
export interface TokenBalance {
  /** In the token's smallest unit. */
  amount: bigint
  /** As the token calls itself. */
  symbol: string
  chainId: number
}

interface Reader {
  url: string
  client: PublicClient
}
const readers = new WeakMap<Platform, Reader>()

function readerOf(platform: Platform, url: string): PublicClient {
  const known = readers.get(platform)
  if (known?.url === url) return known.client
  const client = createPublicClient({ transport: rpcTransport(url), cacheTime: 0, ccipRead: false })
  readers.set(platform, { url, client })
  return client
}

/**
 * Reads a balance from the contract of a token (ERC-20), on whichever chain the RPC at `url` is.
 *
 * @throws ChainUnreadable when the chain does not answer, or there is no such token on it.
 */
export async function readTokenBalance(platform: Platform, url: string, token: Address, wallet: Address): Promise<TokenBalance> {
  const client = readerOf(platform, url)
  const contract = { address: token, abi: tokenAbi } as const
  try {
    const [amount, symbol, chainId] = await Promise.all([
      client.readContract({ ...contract, functionName: 'balanceOf', args: [wallet] }),
      client.readContract({ ...contract, functionName: 'symbol' }),
      client.getChainId(),
    ])
    return { amount, symbol, chainId }
  } catch (error) {
    throw error instanceof BaseError ? new ChainUnreadable(error) : error
  }
}
