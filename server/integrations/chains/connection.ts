import {
  BaseError,
  http,
  HttpRequestError,
  LimitExceededRpcError,
  ResourceUnavailableRpcError,
  ResponseBodyTooLargeError,
  TimeoutError,
} from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { ChainNotConfigured, ChainUnavailable, UnexpectedChain } from './chains.errors.ts'

type RpcVariable = 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL' | 'ETHEREUM_RPC_URL' | 'OPTIMISM_RPC_URL' | 'TEMPO_RPC_URL'

/** A chain, the variable that says where it is, and how its client is made. */
interface ChainTarget<C> {
  chain: { id: number; name: string }
  variable: RpcVariable
  /** What says which chain it has to be, where that is not the variable alone: `TEMPO_TESTNET asks for`. */
  expectation?: string
  createClient(transport: ReturnType<typeof http>): C
}

interface Connection {
  url: string
  chainId: number
  client: { getChainId(): Promise<number> }
  hasRightChain: boolean
}

/** How long one request to an RPC may take, to the last byte of its answer. */
const TIMEOUT_MS = 10_000
/** Longest answer of an RPC; most have some thousand bytes, and a full block of Base about a million. */
const MAX_ANSWER_BYTES = 4_000_000

/** Asks an RPC, within these limits. */
export const rpcTransport = (url: string): ReturnType<typeof http> =>
  http(url, { timeout: TIMEOUT_MS, maxResponseBodySize: MAX_ANSWER_BYTES, retryCount: 1, retryDelay: 200 })

const connections = new WeakMap<Platform, Map<RpcVariable, Connection>>()

/**
 * The client of a chain, one per platform and chain. Before its first use the chain is asked for its id, so that
 * nothing a test network says, and no money of one, can pass for that of the real one.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function connect<C extends Connection['client']>(
  platform: Platform,
  { chain, variable, expectation = `${chain.name} is`, createClient }: ChainTarget<C>,
): Promise<C> {
  const url = platform.env[variable]
  if (!url) throw new ChainNotConfigured(variable, chain.name)
  const known = connections.get(platform) ?? new Map<RpcVariable, Connection>()
  connections.set(platform, known)
  let connection = known.get(variable)
  if (connection?.url !== url || connection.chainId !== chain.id) {
    const client = createClient(rpcTransport(url))
    connection = { url, chainId: chain.id, client, hasRightChain: false }
    known.set(variable, connection)
  }
  const { client } = connection
  if (!connection.hasRightChain) {
    const actual = await callRpc(() => client.getChainId(), undefined, chain.name)
    if (actual !== chain.id) throw new UnexpectedChain(variable, expectation, chain.id, actual)
    connection.hasRightChain = true
  }
  // Each variable has one way of making its clients.
  return client as C
}

/**
 * Runs a request to a chain. An error that `isAnswer` knows says something about what was asked and is thrown
 * as viem throws it.
 *
 * @throws ChainUnavailable for every other error of the chain.
 */
export async function callRpc<T>(
  request: () => Promise<T>,
  isAnswer: (error: BaseError) => boolean = () => false,
  chain = 'Tempo',
): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw error instanceof BaseError && !isAnswer(error) ? new ChainUnavailable(error, chain) : error
  }
}

/** Whether a call or a transaction was looked at and refused. Anything else may be tried again. */
export const isRefusal = (error: unknown): error is BaseError => error instanceof BaseError && error.walk(isOutage) === null

const isOutage = (cause: unknown): boolean =>
  cause instanceof HttpRequestError ||
  cause instanceof TimeoutError ||
  cause instanceof ResponseBodyTooLargeError ||
  cause instanceof LimitExceededRpcError ||
  cause instanceof ResourceUnavailableRpcError
