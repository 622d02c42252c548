import { crc32 } from 'node:zlib'
import { randomBase62, toBase62 } from '#server/platform/core/index.ts'

const PREFIX = 'sk_'
const SECRET_BYTES = 32
const CHECKSUM_LENGTH = 6

/** `sk_`, 43 random characters and six of checksum. Keys made before there was one end after the 43. */
const WITH_CHECKSUM = /^sk_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** CRC-32 of the random characters, in base62. */
const checksumOf = (secret: string): string => toBase62(BigInt(crc32(secret)), CHECKSUM_LENGTH)

/**
 * A new key: `sk_`, 32 random bytes in base62 and a checksum of them, by which scanners for secrets tell a key from other
 * text, and the server a key that was mistyped. Only its hash is kept.
 */
export function generateApiKey(): string {
  const secret = randomBase62(SECRET_BYTES)
  return PREFIX + secret + checksumOf(secret)
}

/** Why a text cannot be a key of any server, as far as its form says; undefined when it may be one. */
export function problemWithKey(text: string): string | undefined {
  if (!text.startsWith(PREFIX)) return 'That is not an API key of this server: it has to start with "sk_".'
  const [, secret, checksum] = WITH_CHECKSUM.exec(text) ?? []
  if (secret !== undefined && checksum !== checksumOf(secret))
    return 'The API key was not copied as it is: its last six characters, which are a checksum, do not fit the others.'
  return undefined
}

/** The part of a key that lists show. */
export const previewApiKey = (key: string): string => `${key.slice(0, 10)}...`
