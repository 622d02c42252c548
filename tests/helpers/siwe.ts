import { getAddress, type Address } from 'viem'

/** What of a message is not as a good one has it. */
export interface SignInMessageParts {
  domain?: string
  scheme?: string
  uri?: string
  version?: string
  chainId?: number
  nonce?: string
  issuedAt?: string
  /** Left out of the message where it is null. */
  expirationTime?: string | null
  /** Lines behind the last one. */
  tail?: string
}

const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString()

/** A message for the test server (EIP-4361), good for five minutes unless it is said otherwise. */
export function writeSignInMessage(address: Address, parts: SignInMessageParts = {}): string {
  const { domain = 'localhost:3000', scheme, uri = 'http://localhost:3000', version = '1', chainId = 1, nonce = 'abcdefgh12345678' } = parts
  const { issuedAt = minutes(0), expirationTime = minutes(5), tail = '' } = parts
  const lines = [
    `${scheme ? `${scheme}://` : ''}${domain} wants you to sign in with your Ethereum account:`,
    getAddress(address),
    '',
    'Sign in to Agentbot.',
    '',
    `URI: ${uri}`,
    `Version: ${version}`,
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt}`,
    ...(expirationTime === null ? [] : [`Expiration Time: ${expirationTime}`]),
  ]
  return lines.join('\n') + tail
}
