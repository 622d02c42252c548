import { recover } from 'tiny-secp256k1'
import { getAddress, keccak256 } from 'viem/utils'

/** What the wallet signs to pay for one call. */
export interface SignedVoucher {
  sessionId: string
  plugin: string
  amountMicroUsd: number
  nonce: string
}

/** The typed data of EIP-712 a wallet signs, on the chain with this id. */
export const voucherTypedData = ({ amountMicroUsd, ...voucher }: SignedVoucher, chainId: number) => ({
  domain: { name: 'Agentbot', version: '1', chainId },
  types: {
    Voucher: [
      { name: 'sessionId', type: 'string' },
      { name: 'plugin', type: 'string' },
      { name: 'amountMicroUsd', type: 'uint256' },
      { name: 'nonce', type: 'string' },
    ],
  } as const,
  primaryType: 'Voucher' as const,
  message: { ...voucher, amountMicroUsd: BigInt(amountMicroUsd) },
})

/** The typed data a wallet signs to read what was charged to one of its sessions. It is good for that alone, and for as long as there is the session. */
export const historyTypedData = (sessionId: string, chainId: number) => ({
  domain: { name: 'Agentbot', version: '1', chainId },
  types: { History: [{ name: 'sessionId', type: 'string' }] } as const,
  primaryType: 'History' as const,
  message: { sessionId },
})

const hash = (bytes: Uint8Array): Uint8Array => keccak256(bytes, 'bytes')
const hashText = (text: string): Uint8Array => hash(Buffer.from(text))
const uint256 = (value: number): Uint8Array => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')

const DOMAIN = [hashText('EIP712Domain(string name,string version,uint256 chainId)'), hashText('Agentbot'), hashText('1')]
const VOUCHER = hashText('Voucher(string sessionId,string plugin,uint256 amountMicroUsd,string nonce)')
const HISTORY = hashText('History(string sessionId)')
const PREFIX = Buffer.from('1901', 'hex')

const domains = new Map<number, Uint8Array>()

function hashDomain(chainId: number): Uint8Array {
  const known = domains.get(chainId)
  if (known) return known
  const domain = hash(Buffer.concat([...DOMAIN, uint256(chainId)]))
  domains.set(chainId, domain)
  return domain
}

/** The hash that is signed, put together by hand: viem hashes types and domain again each time, which takes twice as long. */
const hashTyped = (type: Uint8Array, fields: Uint8Array[], chainId: number): Uint8Array =>
  hash(Buffer.concat([PREFIX, hashDomain(chainId), hash(Buffer.concat([type, ...fields]))]))

const hashVoucher = ({ sessionId, plugin, amountMicroUsd, nonce }: SignedVoucher, chainId: number): Uint8Array =>
  hashTyped(VOUCHER, [hashText(sessionId), hashText(plugin), uint256(amountMicroUsd), hashText(nonce)], chainId)

const SIGNATURE_BYTES = 65
/** A signature says in its last byte which of two keys made it, as 27 and 28 or as 0 and 1. */
const recoveryIds: Record<number, 0 | 1> = { 0: 0, 1: 1, 27: 0, 28: 1 }

/**
 * The address (lower case) whose own key signed a voucher; undefined when the signature is none. A wallet that is a
 * contract has no key, so its signatures are not understood here. The key is recovered by compiled code:
 * in JavaScript that takes more than a millisecond.
 *
 * @param signature hex digits after `0x`.
 */
export const recoverSigner = (voucher: SignedVoucher, chainId: number, signature: string): string | undefined =>
  recoverAddress(hashVoucher(voucher, chainId), signature)

/** The same for who signed to read the history of a session. */
export const recoverReader = (sessionId: string, chainId: number, signature: string): string | undefined =>
  recoverAddress(hashTyped(HISTORY, [hashText(sessionId)], chainId), signature)

function recoverAddress(digest: Uint8Array, signature: string): string | undefined {
  if (signature.length !== 2 + 2 * SIGNATURE_BYTES) return undefined
  const bytes = Buffer.from(signature.slice(2), 'hex')
  const recoveryId = recoveryIds[bytes[SIGNATURE_BYTES - 1]!]
  if (recoveryId === undefined) return undefined
  const key = recoverKey(digest, bytes.subarray(0, 64), recoveryId)
  return key ? `0x${Buffer.from(hash(key.subarray(1)).subarray(12)).toString('hex')}` : undefined
}

function recoverKey(digest: Uint8Array, signature: Uint8Array, recoveryId: 0 | 1): Uint8Array | null {
  try {
    return recover(digest, signature, recoveryId, false)
  } catch {
    // Numbers that cannot be part of any signature.
    return null
  }
}

/** An address with the capital letters that let a reader check it (EIP-55). */
export const toChecksumAddress = (address: string): string => getAddress(address)
