import { defineChain } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { connectChain, type ChainReader, type ReadChain } from './evm.ts'

export const ethereum: ReadChain = {
  chain: defineChain({
    id: 1,
    name: 'Ethereum',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
    contracts: { ensUniversalResolver: { address: '0xeeeeeeee14d718c2b47d9923deab1335e144eeee' } },
  }),
  variable: 'ETHEREUM_RPC_URL',
}

/** @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export const ethereumClient = (platform: Platform): Promise<ChainReader> => connectChain(platform, ethereum)
