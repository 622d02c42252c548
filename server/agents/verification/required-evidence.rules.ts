import { InvalidInput } from '#server/platform/core/index.ts'
import type { VerifyAgent } from './verification.contract.ts'

type Field = 'attestationUid' | 'walletAddress' | 'signature'

/** The fields a way of verifying cannot do without. @throws InvalidInput naming each that is missing. */
export function requireEvidence<F extends Field>(input: VerifyAgent, fields: readonly F[]): Record<F, string> {
  const missing = fields.filter((field) => input[field] === undefined)
  if (missing.length > 0) throw new InvalidInput(missing.map((field) => ({ field, message: `needed for ${input.verificationType}` })))
  return Object.fromEntries(fields.map((field) => [field, input[field]])) as Record<F, string>
}

/** The wallet the caller names. @throws InvalidInput when none is named, or two that differ. */
export function requireWallet({ walletAddress, verifierAddress, verificationType }: VerifyAgent): `0x${string}` {
  const wallet = walletAddress ?? verifierAddress
  if (!wallet) throw new InvalidInput([{ field: 'walletAddress', message: `needed for ${verificationType}` }])
  if (verifierAddress && verifierAddress.toLowerCase() !== wallet.toLowerCase())
    throw new InvalidInput([{ field: 'verifierAddress', message: 'expected the same wallet as walletAddress, or neither' }])
  return wallet as `0x${string}`
}
