import type { Address } from 'viem'
import type { Env, Platform } from '#server/platform/core/index.ts'
import { baseChainId, ChainUnreadable, usdcAddress } from '#server/integrations/chains/index.ts'

type ChainEnv = Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>

/** Whether this server can move money on Base. Without that, settlements are simulated. */
export const hasChain = ({ BASE_RPC_URL, BASE_SEPOLIA_RPC_URL }: ChainEnv): boolean => (BASE_RPC_URL ?? BASE_SEPOLIA_RPC_URL) !== undefined

/** What the chain is called. */
export const networkOf = (env: ChainEnv): string => (!env.BASE_RPC_URL && env.BASE_SEPOLIA_RPC_URL ? 'Base Sepolia' : 'Base')

/** The chain payouts are made on, and USDC there. */
export const chainOf = ({ env }: Platform): { chainId: number; token: Address } => ({ chainId: baseChainId(env), token: usdcAddress(env) })

/** Asks the chain something an answer cannot do without. @throws ChainUnreadable when it does not answer */
export async function askChain<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    throw isChainFailure(error) ? new ChainUnreadable(error) : error
  }
}

const isChainFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'CHAIN_UNAVAILABLE' || error.code === 'CHAIN_NOT_CONFIGURED')
