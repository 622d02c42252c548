import {
  BaseError,
  createPublicClient,
  http,
  HttpRequestError,
  LimitExceededRpcError,
  ResourceUnavailableRpcError,
  ResponseBodyTooLargeError,
  TimeoutError,
} from 'viem'
import { tempo, tempoModerato } from 'viem/tempo/chains'
import type { Platform, Env } from '#server/platform/core/index.ts'
import { ChainNotConfigured, ChainUnavailable, WrongChain } from './chains.errors.ts'

/** How long one request to an RPC may take, to the last byte of its answer. */
export const TIMEOUT_MS = 10_000
/** Longest answer of an RPC; those this server asks for have some thousand bytes. */
export const MAX_ANSWER_BYTES = 1_000_000

/** Tempo makes a block about every half second. */
const POLLING_MS = 500

const createClient = (url: string, chain: typeof tempo | typeof tempoModerato) =>
  createPublicClient({
    chain,
    transport: http(url, { timeout: TIMEOUT_MS, maxResponseBodySize: MAX_ANSWER_BYTES, retryCount: 1, retryDelay: 200 }),
    cacheTime: 0,
    pollingInterval: POLLING_MS,
  })

export type TempoClient = ReturnType<typeof createClient>

/** Id of the chain on which payments count. */
export const tempoChainId = (env: Pick<Env, 'TEMPO_TESTNET'>): number => chainOf(env).id

const chainOf = ({ TEMPO_TESTNET }: Pick<Env, 'TEMPO_TESTNET'>) => (TEMPO_TESTNET ? tempoModerato : tempo)

interface Connection {
  url: string
  client: TempoClient
  hasRightChain: boolean
}

const connections = new WeakMap<Platform, Connection>()

/**
 * The client of the Tempo chain, one per platform. Before its first use the chain is asked for its id, so that
 * worthless money of a test network can never pass for real money.
 *
 * @throws ChainNotConfigured, ChainUnavailable, WrongChain
 */
export async function tempoClient(platform: Platform): Promise<TempoClient> {
  const url = platform.env.TEMPO_RPC_URL
  if (!url) throw new ChainNotConfigured('TEMPO_RPC_URL')
  const chain = chainOf(platform.env)
  let connection = connections.get(platform)
  if (!connection || connection.url !== url || connection.client.chain.id !== chain.id) {
    connection = { url, client: createClient(url, chain), hasRightChain: false }
    connections.set(platform, connection)
  }
  const { client } = connection
  if (!connection.hasRightChain) {
    const actual = await callRpc(() => client.getChainId())
    if (actual !== chain.id) throw new WrongChain(chain.id, actual)
    connection.hasRightChain = true
  }
  return client
}

/**
 * Runs a request to the chain. An error that `isAnswer` knows says something about what was asked and is thrown
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
