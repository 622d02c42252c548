import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Secrets } from '#server/platform/core/index.ts'

/** What a session token says. */
const Claims = z.object({
  /** Number of the user. */
  fid: z.int().min(1),
  /** Hash of the identity token; whoever reads a session token must not have the other as well. */
  fidToken: z.string(),
  address: z.string().nullable(),
  verified: z.literal(true),
  /** When the identity was verified, as Unix time in seconds; the others were only renewed. */
  since: z.int(),
  iat: z.int(),
  exp: z.int(),
})
export type SessionClaims = z.infer<typeof Claims>

const signatureOf = (secrets: Secrets, data: string): Buffer =>
  createHmac('sha256', Buffer.from(secrets.signingKey('farcaster'), 'base64url'))
    .update(data)
    .digest()

/** A token that only this server, and those of its database, can have signed: `data.signature`. */
export function signSessionToken(secrets: Secrets, claims: SessionClaims): string {
  const data = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${data}.${signatureOf(secrets, data).toString('base64url')}`
}

/** What a token says, whether it has expired or not; undefined for one that this server has not signed. */
export function readSessionToken(secrets: Secrets, token: string): SessionClaims | undefined {
  const [, data, signature] = /^([\w-]+)\.([\w-]+)$/.exec(token) ?? []
  if (data === undefined || signature === undefined) return undefined
  const expected = signatureOf(secrets, data)
  const sent = Buffer.from(signature, 'base64url')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined
  return Claims.parse(JSON.parse(Buffer.from(data, 'base64url').toString()))
}
