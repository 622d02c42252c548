import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

/** SHA-256 as hex. The right hash for random keys and tokens: nothing to guess, so nothing to slow down. */
export const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

/**
 * Encrypts what has to be readable again (credentials, stored answers) with AES-256-GCM under a key
 * derived from `APP_SECRET`. A box reads `v1.<key id>.<iv>.<tag>.<ciphertext>`; the key id says which
 * secret made it, so that a secret can be replaced while old boxes are still readable.
 */
export interface Secrets {
  seal(plain: string, purpose: string): string
  /** @throws Error when the box was made for another purpose, by an unknown secret, or was altered. */
  open(box: string, purpose: string): string
  /** Whether the box was made with the present secret. It need not open. */
  isCurrent(box: string): boolean
  /** Key to sign with what this server hands out and gets back; 32 bytes, as base64url. A replaced secret ends what it signed. */
  signingKey(purpose: string): string
}

/** Whether a text has the form of a box. */
export const isBox = (text: string): boolean => /^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]{22}\.[\w-]*$/.test(text)

export function createSecrets(current: string, previous: readonly string[] = []): Secrets {
  const keys = new Map([current, ...previous].map((secret) => [keyId(secret), secret]))
  const currentId = keyId(current)
  return {
    seal(plain, purpose) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', derive(current, purpose), iv)
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return ['v1', currentId, ...[iv, cipher.getAuthTag(), body].map((part) => part.toString('base64url'))].join('.')
    },
    open(box, purpose) {
      const [version, id, iv, tag, body] = box.split('.')
      const secret = keys.get(id ?? '')
      if (version !== 'v1' || !secret || !iv || !tag || body === undefined) throw new Error('The box was sealed with an unknown secret.')
      const decipher = createDecipheriv('aes-256-gcm', derive(secret, purpose), Buffer.from(iv, 'base64url'))
      decipher.setAuthTag(Buffer.from(tag, 'base64url'))
      return decipher.update(Buffer.from(body, 'base64url'), undefined, 'utf8') + decipher.final('utf8')
    },
    isCurrent: (box) => box.split('.')[1] === currentId,
    signingKey: (purpose) => derive(current, `sign ${purpose}`).toString('base64url'),
  }
}

const keyId = (secret: string): string => sha256(`agentbot key id ${secret}`).slice(0, 8)
const derive = (secret: string, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'agentbot', purpose, 32))
