import { recover } from 'tiny-secp256k1'
import { bytesToHex, getAddress, hashTypedData, hexToBytes, publicKeyToAddress } from 'viem/utils'

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

const SIGNATURE_HEX = 2 + 2 * 65
/** A signature says in its last byte which of two keys made it, as 27 and 28 or as 0 and 1. */
const recoveryIds: Record<number, 0 | 1> = { 0: 0, 1: 1, 27: 0, 28: 1 }

/**
 * The address (lower case) whose own key made a signature; undefined when it is none. A wallet that is a
 * contract has no key, so its signatures are not understood here. The key is recovered by compiled code:
 * in JavaScript that takes more than a millisecond.
 */
export function recoverSigner(voucher: SignedVoucher, chainId: number, signature: string): string | undefined {
  if (signature.length !== SIGNATURE_HEX) return undefined
  const bytes = hexToBytes(signature as `0x${string}`)
  const recoveryId = recoveryIds[bytes[64]!]
  if (recoveryId === undefined) return undefined
  const digest = hexToBytes(hashTypedData(voucherTypedData(voucher, chainId)))
  const key = recoverKey(digest, bytes.subarray(0, 64), recoveryId)
  return key ? publicKeyToAddress(bytesToHex(key)).toLowerCase() : undefined
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
