import { getAddress } from 'viem/utils'
import type { WalletNonce } from '../../../../server/identity/wallets/wallets.contract.ts'
import type { WalletProvider } from './injected-wallets.ts'

/** What the server takes as proof that somebody holds a wallet. */
export interface SignedMessage {
  address: string
  message: string
  signature: string
}

/** The wallet has no account that it shows to this page. */
export class NoWalletAccount extends Error {}

/**
 * Has a wallet sign a message for this page (EIP-4361).
 *
 * @param statement What it is for, in words for whoever reads it in the wallet.
 * @param getNonce Is asked once the wallet shows its account: a nonce is not good for long.
 * @throws NoWalletAccount; what the wallet throws, such as when its holder says no.
 */
export async function signMessage(
  provider: WalletProvider,
  statement: string,
  getNonce: () => Promise<WalletNonce>,
): Promise<SignedMessage> {
  const [account] = (await provider.request({ method: 'eth_requestAccounts' })) as string[]
  if (account === undefined) throw new NoWalletAccount()
  // Some wallets write addresses in lower case, which the message may not have.
  const address = getAddress(account)
  const current = Number(await provider.request({ method: 'eth_chainId' }))
  const nonce = await getNonce()
  // The chain matters to wallets that are contracts alone; a key is the same on all of them.
  const chainId = nonce.chainIds.includes(current) ? current : nonce.chainIds[0]!
  const message = writeMessage({ address, chainId, statement, ...nonce })
  const signature = (await provider.request({ method: 'personal_sign', params: [toHex(message), address] })) as string
  return { address, message, signature }
}

interface MessageParts extends Omit<WalletNonce, 'chainIds'> {
  address: string
  chainId: number
  statement: string
}

const writeMessage = ({ address, chainId, statement, nonce, issuedAt, expiresAt }: MessageParts): string =>
  [
    `${window.location.host} wants you to sign in with your Ethereum account:`,
    address,
    '',
    statement,
    '',
    `URI: ${window.location.origin}`,
    'Version: 1',
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt}`,
    `Expiration Time: ${expiresAt}`,
  ].join('\n')

const toHex = (text: string): string =>
  `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
