import { createPublicClient, http, type Chain, type PublicClient } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { ChainNotConfigured, UnexpectedChain } from './chains.errors.ts'
import { callRpc, MAX_ANSWER_BYTES, TIMEOUT_MS } from './tempo.ts'

type RpcVariable = 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL' | 'ETHEREUM_RPC_URL'

/** A chain this server only reads, and the variable that says where. */
export interface ReadChain {
  chain: Chain
  variable: RpcVariable
}

/** Reads one chain. */
export type ChainReader = PublicClient

interface Connection {
  url: string
  client: ChainReader
  hasRightChain: boolean
}

const connections = new WeakMap<Platform, Map<RpcVariable, Connection>>()

/**
 * The client of a chain, one per platform and chain. Before its first use the chain is asked for its id, so that
 * nothing a test network says can pass for what the real one says.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function connectChain(platform: Platform, { chain, variable }: ReadChain): Promise<ChainReader> {
  const url = platform.env[variable]
  if (!url) throw new ChainNotConfigured(variable, chain.name)
  const known = connections.get(platform) ?? new Map<RpcVariable, Connection>()
  connections.set(platform, known)
  let connection = known.get(variable)
  if (connection?.url !== url) {
    connection = { url, client: createClient(url, chain), hasRightChain: false }
    known.set(variable, connection)
  }
  const { client } = connection
  if (!connection.hasRightChain) {
    const actual = await readChain(client, () => client.getChainId())
    if (actual !== chain.id) throw new UnexpectedChain(variable, chain.name, chain.id, actual)
    connection.hasRightChain = true
  }
  return client
}

const createClient = (url: string, chain: Chain): ChainReader =>
  createPublicClient({
    chain,
    transport: http(url, { timeout: TIMEOUT_MS, maxResponseBodySize: MAX_ANSWER_BYTES, retryCount: 1, retryDelay: 200 }),
    cacheTime: 0,
    // A contract must not be able to send this server to addresses of its choice.
    ccipRead: false,
  })

/**
 * Runs a request to a chain. An error that `isAnswer` knows is thrown as viem throws it.
 *
 * @throws ChainUnavailable for every other error of the chain.
 */
export const readChain = <T>(client: ChainReader, request: () => Promise<T>, isAnswer?: Parameters<typeof callRpc>[1]): Promise<T> =>
  callRpc(request, isAnswer, client.chain?.name)
