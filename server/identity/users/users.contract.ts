import { z } from 'zod'

export const SignedInUser = z
  .object({ id: z.string().describe('Its id.'), name: z.string().nullable().describe('What they are called.') })
  .meta({ id: 'SignedInUser', description: 'Who has signed in.' })
export type SignedInUser = z.infer<typeof SignedInUser>
/** As it is written, without spaces around it. Case does not matter where it is looked up. */
export const emailAddress = z.string().trim().normalize('NFC').check(z.email('expected an email address')).max(254)

export const newPassword = z.string().min(8, 'expected at least 8 characters').max(1024)
