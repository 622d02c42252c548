import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Seconds a code is shown for, and how many digits it has: what every app assumes. */
const PERIOD_SECONDS = 30
const DIGITS = 6
const SECRET_BYTES = 20
/** Clocks differ: the code before and the one after count too. */
const DRIFT_STEPS = [0, -1, 1]

/** A new secret, to be shared with an app. */
export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES)

/** The code of a step of 30 seconds (RFC 6238, with SHA-1: apps know no other). */
export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = mac.at(-1)! & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The step a moment is in. @param at Milliseconds since 1970. */
export const stepAt = (at: number): number => Math.floor(at / 1000 / PERIOD_SECONDS)

/**
 * The step whose code this is: the present one, or one beside it.
 *
 * @param lastStep Of the last code that was used: it and those before do not count any more.
 * @returns undefined when it is none of theirs.
 */
export function findStep(secret: Uint8Array, code: string, at: number, lastStep: number | null): number | undefined {
  const given = Buffer.from(code)
  return DRIFT_STEPS.map((drift) => stepAt(at) + drift)
    .filter((step) => lastStep === null || step > lastStep)
    .find((step) => {
      const expected = Buffer.from(totpCode(secret, step))
      return expected.length === given.length && timingSafeEqual(expected, given)
    })
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Bytes in base32 (RFC 4648) without padding, as apps take secrets. */
export function toBase32(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    for (; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31]
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text
}

/** What an app reads from a QR code. */
export function totpUri(secret: Uint8Array, issuer: string, person: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(person)}`
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`
}
