import { AppError } from '#server/platform/core/index.ts'

/** Most bytes of one answer, about: what a provider may answer with fits. */
const MAX_ANSWER_BYTES = 32_000_000

/** What a number, or an empty value with its name, takes. */
const BYTES_PER_VALUE = 8

/** A query asks for more than one answer holds, such as a long text under many aliases. */
export class AnswerTooLarge extends AppError {
  constructor() {
    super('too_large', 'ANSWER_TOO_LARGE', `The answer: expected at most ${MAX_ANSWER_BYTES} bytes. Ask for less at once.`, {
      limitBytes: MAX_ANSWER_BYTES,
    })
  }
}

/**
 * Adds up about how many bytes an answer takes as JSON, before it is written: a text that is answered a hundred
 * times is in memory once until then.
 */
export function isTooLarge(answer: unknown): boolean {
  let bytes = 0
  const rest: unknown[] = [answer]
  while (rest.length > 0) {
    const value = rest.pop()
    bytes += typeof value === 'string' ? value.length : BYTES_PER_VALUE
    if (bytes > MAX_ANSWER_BYTES) return true
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) for (const item of value) rest.push(item)
    else
      for (const name in value as Record<string, unknown>) {
        bytes += name.length
        rest.push((value as Record<string, unknown>)[name])
      }
  }
  return false
}
