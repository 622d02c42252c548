import { z } from 'zod'

export const SignedInUser = z
  .object({ id: z.string().describe('Its id.'), name: z.string().nullable().describe('What they are called.') })
  .meta({ id: 'SignedInUser', description: 'Who has signed in.' })
export type SignedInUser = z.infer<typeof SignedInUser>
