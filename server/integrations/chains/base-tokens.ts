import type { Address } from 'viem'
import type { Env, Platform } from '#server/platform/core/index.ts'
import { base, baseChainId, baseSepolia } from './base.ts'
import { connectChain } from './evm.ts'

/** USDC by its issuer's list of contracts (https://developers.circle.com/stablecoins/usdc-contract-addresses). */
const usdcOnBase: Address = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913'
const usdcOnBaseSepolia: Address = '0x036cbd53842c5426634e7929541ec2318f3dcf7e'

/** The contract of USDC on the Base chain that this server uses; it has six decimals. In lower case. */
export const usdcAddress = (env: Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>): Address =>
  baseChainId(env) === base.chain.id ? usdcOnBase : usdcOnBaseSepolia

/** Base, or its test network. */
export type BaseNetwork = 'base' | 'base-sepolia'

/** The one whose RPC address is set; Base where both are, or neither. */
export const baseNetwork = (env: Pick<Env, 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL'>): BaseNetwork => networkOfChain(baseChainId(env))

/** Which of the two a chain is. */
export const networkOfChain = (chainId: number): BaseNetwork => (chainId === base.chain.id ? 'base' : 'base-sepolia')

/** Those whose chain answers now. */
export async function connectedNetworks(platform: Platform): Promise<BaseNetwork[]> {
  const answers = await Promise.all(
    [base, baseSepolia].map((entry) =>
      connectChain(platform, entry).then(
        (client) =>
          client.getChainId().then(
            () => true,
            () => false,
          ),
        () => false,
      ),
    ),
  )
  return (['base', 'base-sepolia'] as const).filter((_, index) => answers[index])
}

/** Where people look at an address or a transaction of that network. */
export const explorerUrl = (network: BaseNetwork, kind: 'address' | 'tx', name: string): string =>
  `https://${network === 'base' ? '' : 'sepolia.'}basescan.org/${kind}/${name}`
