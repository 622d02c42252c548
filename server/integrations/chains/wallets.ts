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

/**
 * What made a signature: the key of the address, or a contract at it, which is another one on each chain. `unknown` when only a chain
 * could tell that this server is not connected to.
 */
type WalletSigner = { kind: 'key' } | { kind: 'contract' } | { kind: 'nobody' } | { kind: 'unknown'; chain: string; variable: string }

/**
 * Who signed a text (EIP-191) in the name of a wallet. The chain is asked only where no key signed it: then the wallet may be a
 * contract.
 *
 * @param chainId one of `walletChainIds`.
 * @throws ChainUnavailable, UnexpectedChain when the chain cannot be asked.
 */
export async function findWalletSigner(
  platform: Platform,
  { chainId, address, message, signature }: { chainId: number; address: Address; message: string; signature: string },
): Promise<WalletSigner> {
  if (await isSignedByKey(address, message, signature)) return { kind: 'key' }
  const entry = walletChains.get(chainId)!
  const { chain, variable } = entry
  if (!platform.env[variable]) return { kind: 'unknown', chain: chain.name, variable }
  const isSigned = await isSignedByContract(await connectChain(platform, entry), address, message, signature)
  return { kind: isSigned ? 'contract' : 'nobody' }
}
