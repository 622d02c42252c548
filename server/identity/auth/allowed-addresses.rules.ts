import { BlockList, isIP } from 'node:net'

const families = { 4: 'ipv4', 6: 'ipv6' } as const
const MOST_BITS = { ipv4: 32, ipv6: 128 } as const

const familyOf = (address: string) => families[isIP(address) as keyof typeof families]

const lists = new WeakMap<readonly string[], BlockList>()

/** Lists are those of keys that are kept at hand, so each is read once. */
function listOf(allowed: readonly string[]): BlockList {
  const known = lists.get(allowed)
  if (known) return known
  const list = new BlockList()
  for (const network of allowed) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    list.addSubnet(address, bits === undefined ? MOST_BITS[family] : Number(bits), family)
  }
  lists.set(allowed, list)
  return list
}

/**
 * Whether a call from this address may use a key.
 *
 * @param allowed Addresses and networks, such as `203.0.113.7` or `2001:db8::/32`; null for all addresses.
 */
export function isAllowedAddress(allowed: readonly string[] | null, address: string): boolean {
  if (allowed === null) return true
  const family = familyOf(address)
  // With its family, an IPv4 address that is written as IPv6 (`::ffff:10.1.2.3`) is found among those of IPv4.
  return family !== undefined && listOf(allowed).check(address, family)
}
