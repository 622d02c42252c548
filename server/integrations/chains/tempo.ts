import { createPublicClient, type http } from 'viem'
import { tempo, tempoModerato } from 'viem/tempo/chains'
import type { Platform, Env } from '#server/platform/core/index.ts'
import { connect } from './connection.ts'

/** Tempo makes a block about every half second. */
const POLLING_MS = 500

const createClient = (transport: ReturnType<typeof http>, chain: typeof tempo | typeof tempoModerato) =>
  createPublicClient({ chain, transport, cacheTime: 0, pollingInterval: POLLING_MS })

export type TempoClient = ReturnType<typeof createClient>

/** Id of the chain on which payments count. */
export const tempoChainId = (env: Pick<Env, 'TEMPO_TESTNET'>): number => chainOf(env).id

const chainOf = ({ TEMPO_TESTNET }: Pick<Env, 'TEMPO_TESTNET'>) => (TEMPO_TESTNET ? tempoModerato : tempo)

/** The client of the Tempo chain. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export function tempoClient(platform: Platform): Promise<TempoClient> {
  const chain = chainOf(platform.env)
  return connect(platform, {
    chain: { id: chain.id, name: 'Tempo' },
    variable: 'TEMPO_RPC_URL',
    expectation: 'TEMPO_TESTNET asks for',
    createClient: (transport) => createClient(transport, chain),
  })
}
