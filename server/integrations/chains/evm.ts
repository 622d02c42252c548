import { createPublicClient, type Chain, type PublicClient } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { callRpc, connect } from './connection.ts'

/** A chain this server only reads, and the variable that says where. */
export interface ReadChain {
  chain: Chain
  variable: 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL' | 'ETHEREUM_RPC_URL' | 'OPTIMISM_RPC_URL'
}

/** Reads one chain. */
export type ChainReader = PublicClient

/** The client of a chain. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export const connectChain = (platform: Platform, { chain, variable }: ReadChain): Promise<ChainReader> =>
  connect(platform, {
    chain,
    variable,
    // A contract must not be able to send this server to addresses of its choice.
    createClient: (transport): ChainReader => createPublicClient({ chain, transport, cacheTime: 0, ccipRead: false }),
  })

/**
 * Runs a request to a chain. An error that `isAnswer` knows is thrown as viem throws it.
 *
 * @throws ChainUnavailable for every other error of the chain.
 */
export const readChain = <T>(client: ChainReader, request: () => Promise<T>, isAnswer?: Parameters<typeof callRpc>[1]): Promise<T> =>
  callRpc(request, isAnswer, client.chain?.name)
