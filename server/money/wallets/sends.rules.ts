import { getAddress, isAddress } from 'viem'
import { InvalidInput } from '#server/platform/core/index.ts'

/** Sending to it, or to nobody, would burn the money. */
const NOBODY = `0x${'0'.repeat(40)}`

/**
 * An address that is to be paid, in lower case. In mixed case its checksum says whether a digit is wrong.
 *
 * @throws InvalidInput for a wrong checksum, and for the address of nobody.
 */
export function checkRecipient(address: string, field = 'to'): `0x${string}` {
  const digits = address.slice(2)
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  const message = isMixed && !isAddress(address) ? 'expected an address with the right checksum (EIP-55)' : undefined
  const lower = address.toLowerCase() as `0x${string}`
  if (message) throw new InvalidInput([{ field, message }])
  if (lower === NOBODY) throw new InvalidInput([{ field, message: 'expected the address of somebody' }])
  return lower
}

/** With its checksum, as people are shown it. */
export const shownAddress = (address: string): string => getAddress(address)
