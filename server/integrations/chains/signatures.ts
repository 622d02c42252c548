import { isHex, type Address } from 'viem'
import { verifyMessage } from 'viem/utils'
import { readChain, type ChainReader } from './evm.ts'
import { isRefusal } from './connection.ts'

/**
 * Whether a wallet signed a text (EIP-191). The chain is asked only for wallets that are contracts, deployed or not
 * (ERC-1271, ERC-6492).
 *
 * @throws ChainUnavailable
 */
export async function isSignedBy(client: ChainReader, address: Address, message: string, signature: string): Promise<boolean> {
  return (await isSignedByKey(address, message, signature)) || isSignedByContract(client, address, message, signature)
}

/** Whether the key an address is made from signed a text (EIP-191). That needs no chain. */
export async function isSignedByKey(address: Address, message: string, signature: string): Promise<boolean> {
  if (!isHex(signature)) return false
  try {
    return await verifyMessage({ address, message, signature })
  } catch {
    // No signature a key could have made.
    return false
  }
}

/**
 * Whether a wallet that is a contract takes the signature of a text (EIP-191) for its own (ERC-1271), or would once it is
 * deployed (ERC-6492).
 *
 * @throws ChainUnavailable
 */
export async function isSignedByContract(client: ChainReader, address: Address, message: string, signature: string): Promise<boolean> {
  if (!isHex(signature)) return false
  const isValid = await readChain(client, () => client.verifyMessage({ address, message, signature }), isRefusal).catch(
    (error: unknown) => {
      if (isRefusal(error)) return false
      throw error
    },
  )
  // A signature is called wrong, too, when the chain could not be asked about it.
  if (!isValid) await readChain(client, () => client.getChainId())
  return isValid
}
