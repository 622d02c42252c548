import { isAddressEqual, type Address } from 'viem'
import { findWalletSigner } from '#server/integrations/chains/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import { takeOneTimeToken, type TakenToken } from '../auth/index.ts'
import { parseSignInMessage } from './siwe.ts'
import { checkSignInMessage, MessageRefused, type SignInMessage } from './siwe.rules.ts'
import type { LinkWallet } from './wallets.contract.ts'
import { WalletRefused } from './wallets.errors.ts'

/** A wallet whose holder makes the call. */
export interface ProvenWallet {
  /** With its checksum. */
  address: Address
  /** What it is known by, behind the issuer. */
  subject: string
  /** What to show it as. */
  label: string
  nonce: TakenToken
}

/**
 * Checks that the holder of a wallet signed a message for this server, with a nonce of this purpose. The nonce is used up whatever
 * comes of the signature.
 *
 * @throws InvalidInput, WalletRefused; ChainUnavailable, UnexpectedChain when only a chain could tell, and it does not.
 */
export async function proveWallet(platform: Platform, purpose: string, input: LinkWallet): Promise<ProvenWallet> {
  const { address, chainId, nonce } = await readMessage(platform, input)
  const taken = await takeOneTimeToken(platform.databases.system, purpose, nonce)
  if (!taken) throw new WalletRefused('message: its nonce was never given out for this, is used already, or has expired.')
  const { message, signature } = input
  const signer = await findWalletSigner(platform, { chainId, address, message, signature })
  if (signer.kind === 'unknown')
    throw new WalletRefused(
      `signature: the key of ${address} did not make it. Whether a contract did cannot be said here, because this server is not connected to ${signer.chain} (${signer.variable}).`,
    )
  if (signer.kind === 'nobody') throw new WalletRefused(`signature: ${address} did not sign this message.`)
  return { ...identityOf(address, signer.kind === 'key' ? undefined : chainId), address, nonce: taken }
}

/**
 * What a wallet is known by. A key is the same everywhere; a contract is of one chain, as on another one there can be somebody else's at
 * the same address.
 */
function identityOf(address: Address, chainId: number | undefined): Pick<ProvenWallet, 'subject' | 'label'> {
  const subject = address.toLowerCase()
  return chainId === undefined ? { subject, label: address } : { subject: `${chainId}:${subject}`, label: `${address} on chain ${chainId}` }
}

async function readMessage({ env }: Platform, { address, message }: LinkWallet): Promise<SignInMessage> {
  const parsed = await parseSignInMessage(message)
  try {
    const read = checkSignInMessage(parsed, env.APP_URL, Date.now())
    if (!isAddressEqual(read.address, address.toLowerCase() as Address)) throw new MessageRefused('it is of another wallet than `address`.')
    return read
  } catch (error) {
    throw error instanceof MessageRefused ? new WalletRefused(`message: ${error.message}`) : error
  }
}
