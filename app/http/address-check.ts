import { InvalidInput } from '#server/platform/core/index.ts'

/** Bytes that are escaped in a URL, as many as follow each other. What is not escaped is ASCII. */
const escapes = /(?:%[0-9a-f]{2})+/gi

/**
 * Refuses a URL with bytes that are no text, which would be replaced without a word further on.
 *
 * @throws InvalidInput
 */
export function checkAddress(url: string): void {
  for (const [bytes] of url.includes('%') ? url.matchAll(escapes) : []) {
    try {
      decodeURIComponent(bytes)
    } catch {
      throw new InvalidInput([{ field: '', message: `The URL: expected escaped bytes to be valid UTF-8, got ${bytes.slice(0, 30)}` }])
    }
  }
}
