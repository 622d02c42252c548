import { z } from 'zod'
import { Nothing, Success, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing }

/** Most identities one person has. */
export const MAX_IDENTITIES = 20

const issuer = z.string().min(1).max(2048).describe('Who says so: the address of an issuer, `eip155` for wallets.')
const subject = z
  .string()
  .min(1)
  .max(255)
  .describe('Their id there; of a wallet its address in lower case, behind the id of its chain where it is a contract.')

export const Identity = z
  .object({
    issuer,
    subject,
    label: z.string().describe('What to show it as, such as the address of a wallet.'),
    email: z.string().nullable().describe('The address they have there; null where there is none.'),
    createdAt: timestamp.describe('When it was linked.'),
    lastUsed: timestamp.nullable().describe('Last time it was signed in with.'),
  })
  .meta({ id: 'Identity', description: 'Who somebody is elsewhere, and can sign in as.' })
export type Identity = z.infer<typeof Identity>

export const Identities = z.array(Identity).max(MAX_IDENTITIES)

export const IdentityRef = z.object({ issuer, subject })
export type IdentityRef = z.infer<typeof IdentityRef>

export const IdentityUnlinked = Success
