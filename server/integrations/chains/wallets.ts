import { defineChain, type Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { base, baseSepolia } from './base.ts'
import { ethereum } from './ethereum.ts'
import { connectChain, type ReadChain } from './evm.ts'
import { isSignedByContract, isSignedByKey } from './signatures.ts'

const optimism: ReadChain = {
  chain: defineChain({
    id: 10,
    name: 'Optimism',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  }),
  variable: 'OPTIMISM_RPC_URL',
}

const walletChains = new Map([ethereum, optimism, base, baseSepolia].map((entry) => [entry.chain.id, entry]))

/** Ids of the chains whose wallets this server knows: Ethereum, Optimism, Base and Base Sepolia. */
export const walletChainIds: readonly number[] = [...walletChains.keys()]

/** How a signature of a wallet was found: `unknown` when only a chain could tell that this server is not connected to. */
export type SignatureCheck = { isValid: boolean } | { isValid: 'unknown'; chain: string; variable: string }

/**
 * Whether a wallet of a chain signed a text (EIP-191). The chain is asked only where no key signed it: then the wallet may be a
 * contract.
 *
 * @param chainId one of `walletChainIds`.
 * @throws ChainUnavailable, UnexpectedChain when the chain cannot be asked.
 */
export async function checkWalletSignature(
  platform: Platform,
  { chainId, address, message, signature }: { chainId: number; address: Address; message: string; signature: string },
): Promise<SignatureCheck> {
  if (await isSignedByKey(address, message, signature)) return { isValid: true }
  const entry = walletChains.get(chainId)!
  const { chain, variable } = entry
  if (!platform.env[variable]) return { isValid: 'unknown', chain: chain.name, variable }
  return { isValid: await isSignedByContract(await connectChain(platform, entry), address, message, signature) }
}
