import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { Semaphore } from '#server/platform/flow/index.ts'

/**
 * Each hash takes 19 MiB, some 20 ms of a core and one of the four threads that files and DNS use as well, so two
 * run at a time, and one where that would leave no core for anything else. 300 more wait, a few seconds; whoever
 * comes then is told to try again.
 */
const hashing = new Semaphore({ permits: availableParallelism() > 2 ? 2 : 1, maxWaiting: 300 })

/**
 * The same characters in the one form that is hashed (NFC): keyboards and systems differ in how they write an accent.
 *
 * argon2id, with the library's defaults: 19 MiB, 2 passes, one lane (OWASP's first choice). @throws TooBusy
 */
export const hashPassword = (password: string): Promise<string> => hashing.run(() => hash(password.normalize('NFC')))

/** The forms a password may have been hashed in: NFC, or, before that was the rule, as it was typed. Most have only one. */
const formsOf = (password: string): Set<string> => new Set([password.normalize('NFC'), password, password.normalize('NFD')])

let decoy: Promise<string> | undefined

/**
 * Whether the password fits. Without a stored hash (nobody has that email) it takes the same time, so
 * that the answer does not tell which addresses have an account.
 *
 * @throws TooBusy
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  decoy ??= hash('no account has this password')
  const known = stored ?? (await decoy)
  for (const form of formsOf(password)) {
    const fits = await hashing.run(() => verify(known, form))
    if (fits) return stored !== undefined
  }
  return false
}
