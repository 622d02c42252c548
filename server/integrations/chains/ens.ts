import { isAddressEqual, type Address } from 'viem'
import { normalize } from 'viem/ens'
import type { Platform } from '#server/platform/core/index.ts'
import { ethereumClient } from './ethereum.ts'
import { readChain } from './evm.ts'
import { isRefusal } from './connection.ts'

/**
 * The primary name of an address: the one it claims for itself, as long as that name leads back to the address.
 * Undefined when it has none, or one that only a server outside of the chain could resolve.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function findPrimaryName(platform: Platform, address: Address): Promise<string | undefined> {
  const client = await ethereumClient(platform)
  try {
    const name = await readChain(client, () => client.getEnsName({ address }), isRefusal)
    // A name that is written otherwise than its normal form can look like the name of somebody else.
    if (!name || !isNormal(name)) return undefined
    const resolved = await readChain(client, () => client.getEnsAddress({ name }), isRefusal)
    return resolved && isAddressEqual(resolved, address) ? name : undefined
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

function isNormal(name: string): boolean {
  try {
    return normalize(name) === name
  } catch {
    return false
  }
}
