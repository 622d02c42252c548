import { hash, verify } from '@node-rs/argon2'

/** argon2id, with the library's defaults: 19 MiB, 2 passes, one lane (OWASP's first choice). */
export const hashPassword = (password: string): Promise<string> => hash(password)

let decoy: Promise<string> | undefined

/**
 * Whether the password fits. Without a stored hash (nobody has that email) it takes the same time, so
 * that the answer does not tell which addresses have an account.
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password')
  const fits = await verify(stored ?? (await decoy), password)
  return stored !== undefined && fits
}
