import { InvalidInput } from '#server/platform/core/index.ts'

/**
 * Addresses in mixed case carry a checksum (EIP-55): a wrong one is a wrong address, and money sent there is gone.
 *
 * @param addresses Each with the name of its field.
 * @throws InvalidInput
 */
export async function requireChecksums(addresses: [field: string, address: string][]): Promise<void> {
  // It takes a while to load, and most servers never need it.
  const { isAddress } = await import('viem/utils')
  const wrong = addresses.filter(([, address]) => !isAddress(address))
  if (wrong.length > 0) throw new InvalidInput(wrong.map(([field]) => ({ field, message: 'expected an address with the right checksum' })))
}
