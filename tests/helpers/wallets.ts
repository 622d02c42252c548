import type { Address, Hex } from 'viem'
import { writeSignInMessage, type SignInMessageParts } from './siwe.ts'
import type { Answer, TestServer } from './test-server.ts'

/** Signs texts; an account of viem is one. */
export interface WalletSigner {
  address: Address
  signMessage(parameters: { message: string }): Promise<Hex>
}

/** What a wallet sends to sign in, or to be linked. */
export interface SignedMessage {
  address: string
  message: string
  signature: string
}

/** A message with this nonce that the wallet has signed. */
export async function signMessageOf(wallet: WalletSigner, nonce: string, parts: SignInMessageParts = {}): Promise<SignedMessage> {
  const message = writeSignInMessage(wallet.address, { nonce, ...parts })
  return { address: wallet.address, message, signature: await wallet.signMessage({ message }) }
}

/** The same with a nonce to sign in with. */
export async function prepareWalletSignIn(
  server: TestServer,
  wallet: WalletSigner,
  parts: SignInMessageParts = {},
): Promise<SignedMessage> {
  const { nonce } = (await server.call('GET', '/api/auth/nonce')).body
  return signMessageOf(wallet, nonce, parts)
}

/** The same with a nonce to link a wallet with. */
export async function prepareWalletLink(server: TestServer, { cookie }: { cookie: string }, wallet: WalletSigner): Promise<SignedMessage> {
  const { nonce } = (await server.call('POST', '/api/auth/wallets/nonce', { cookie })).body
  return signMessageOf(wallet, nonce)
}

/** Signs in with a wallet. */
export const signInWithWallet = async (server: TestServer, wallet: WalletSigner): Promise<Answer> =>
  server.call('POST', '/api/wallet-auth', { body: await prepareWalletSignIn(server, wallet) })

/** The cookie a sign-in has set. */
export const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')!.split(';')[0]!
