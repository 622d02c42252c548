import { defineChain } from 'viem'
import type { Platform, Env } from '#server/platform/core/index.ts'
import { connectChain, type ChainReader, type ReadChain } from './evm.ts'

const ether = { name: 'Ether', symbol: 'ETH', decimals: 18 }

export const base: ReadChain = {
  chain: defineChain({ id: 8453, name: 'Base', nativeCurrency: ether, rpcUrls: { default: { http: [] } } }),
  variable: 'BASE_RPC_URL',
}
export const baseSepolia: ReadChain = {
  chain: defineChain({ id: 84532, name: 'Base Sepolia', nativeCurrency: ether, rpcUrls: { default: { http: [] } } }),
  variable: 'BASE_SEPOLIA_RPC_URL',
}

/** The chain whose attestations count: the test network only where the main one is not configured. */
const chosen = (env: Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>): ReadChain =>
  !env.BASE_RPC_URL && env.BASE_SEPOLIA_RPC_URL ? baseSepolia : base

/** Id of that chain. */
export const baseChainId = (env: Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>): number => chosen(env).chain.id

/** @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export const baseClient = (platform: Platform): Promise<ChainReader> => connectChain(platform, chosen(platform.env))
