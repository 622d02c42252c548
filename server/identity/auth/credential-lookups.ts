import type { Platform } from '#server/platform/core/index.ts'

const lookups = new WeakMap<Platform, Map<string, Promise<unknown>>>()

/**
 * Asks the database for a credential, such as a key by its hash. Calls that come with the same one at the
 * same moment share the answer. It is counted against the address before, and given back when somebody
 * has it: so an address that tries what nobody has costs no queries for long.
 *
 * @param id Names the credential; not the credential itself.
 * @throws RateLimited when the address has sent too many that nobody has.
 */
export function lookUpCredential<T>(
  platform: Platform,
  ip: string,
  id: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let running = lookups.get(platform)
  if (!running) lookups.set(platform, (running = new Map()))
  const same = running.get(id) as Promise<T | undefined> | undefined
  if (same) return same
  const lookup = countAndFind(platform, ip, find).finally(() => running.delete(id))
  running.set(id, lookup)
  return lookup
}

async function countAndFind<T>({ rateLimits }: Platform, ip: string, find: () => Promise<T | undefined>): Promise<T | undefined> {
  await rateLimits.countUnknownCredential(ip)
  const found = await find()
  if (found !== undefined) await rateLimits.takeBackUnknownCredential(ip)
  return found
}
