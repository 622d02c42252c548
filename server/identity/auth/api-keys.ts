import { type Actor, type Platform, type UserId, sha256 } from '#server/platform/core/index.ts'
import { toAccount } from '#server/platform/account/index.ts'
import { isAllowedAddress } from './allowed-addresses.rules.ts'
import { lookUpCredential } from './credential-lookups.ts'
import { keyCacheOf } from './key-cache.ts'
import { problemWithKey } from './key-format.rules.ts'
import * as queries from './api-keys.queries.ts'

/** A plain hash is right here: a random key cannot be guessed, so slowing the guess down buys nothing. */
export const hashApiKey = sha256

/** How often the last use of a key is written down. */
const TOUCH_EVERY_MS = 60_000

async function findKey(platform: Platform, hash: string, ip: string): Promise<queries.KeyRow | undefined> {
  const cache = keyCacheOf(platform)
  const known = cache.find(hash)
  if (known) return known
  const { generation } = cache
  // A call that comes after a change does not share what was read before it.
  return lookUpCredential(platform, ip, `key ${generation} ${hash}`, async () => {
    const row = await queries.findKeyByHash(platform.databases.system, hash)
    if (row) cache.keep(hash, row, generation)
    return row
  })
}

/** Who has a key, and how to write down that it was used. */
export interface KeyRead {
  actor: Actor
  noteUse?: () => Promise<void>
}

/**
 * Who sent this key from this address. To look at a key is not to use it. Looking up the hash in an index leaks no timing of the key itself, since the
 * caller does not control the hash.
 *
 * @throws RateLimited when the address has sent too many keys that nobody has.
 */
export async function readApiKey(platform: Platform, key: string, ip: string): Promise<KeyRead> {
  const malformed = problemWithKey(key)
  if (malformed) return invalid(malformed)
  const hash = hashApiKey(key)
  const row = await findKey(platform, hash, ip)
  const problem = row ? problemWithRow(row, hash, ip) : 'The API key is not valid.'
  if (!row || problem) return invalid(problem!)
  const { keyId, scopes, rateLimit, spendLimitCents, agentId } = row
  const createdBy = row.createdBy as UserId | null
  const actor: Actor = { kind: 'key', account: toAccount(platform.env, row), keyId, scopes, rateLimit, spendLimitCents, agentId, createdBy }
  return { actor, noteUse: () => noteUse(platform, row, ip) }
}

/** Why a key that somebody has is refused. What has a time is looked at with every call, since rows are kept at hand. */
function problemWithRow(row: queries.KeyRow, hash: string, ip: string): string | undefined {
  const isOver = (at: string | null) => at !== null && Date.parse(at) <= Date.now()
  if (hash === row.keyHash) {
    if (row.leakedAt !== null) return 'The API key was reported as leaked and has been switched off.'
  } else if (isOver(row.oldExpiresAt)) return 'The API key was replaced by another one and no longer works.'
  if (isOver(row.expiresAt)) return 'The API key has expired.'
  if (!isAllowedAddress(row.allowedAddresses, ip)) return `The API key may not be used from ${ip}.`
  return undefined
}

const invalid = (reason: string): KeyRead => ({ actor: { kind: 'invalid', reason } })

async function noteUse(platform: Platform, row: queries.KeyRow, ip: string): Promise<void> {
  const now = Date.now()
  if (row.lastUsedAt !== null && Date.parse(row.lastUsedAt) >= now - TOUCH_EVERY_MS) return
  // Of calls at the same moment only the first writes it down.
  row.lastUsedAt = new Date(now).toISOString()
  // Knowing when a key was used is worth no call: on a full disk it is not written down.
  await queries
    .touchKey(platform.databases.system, row.keyId, ip)
    .catch((error: unknown) => platform.log.warn({ err: error, keyId: row.keyId }, 'the last use of a key could not be written down'))
}
