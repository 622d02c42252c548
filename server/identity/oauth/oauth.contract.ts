import { z } from 'zod'
import { Nothing } from '#server/platform/core/common.contract.ts'

export { Nothing }

/** The cookie that ties a sign-in to the browser it was started in. Over https its name keeps other hosts of the domain from planting one. */
export const bindingCookieName = (appUrl: string): string => (appUrl.startsWith('https:') ? '__Host-agentbot-oauth' : 'agentbot-oauth')

const SignInProviderId = z.enum(['github', 'google', 'oidc']).meta({
  id: 'SignInProviderId',
  description: 'A service elsewhere, by the name calls have for it.',
  'x-enumDescriptions': {
    github: 'GitHub.',
    google: 'Google.',
    oidc: 'The OpenID Connect issuer that the operator has set up.',
  },
})

export const SignInProviderFacts = z
  .object({
    id: SignInProviderId,
    name: z.string().describe('What its button says.'),
    startUrl: z.url().describe('A link that signs in there; `next` in its query is the path to come back to.'),
  })
  .meta({ id: 'SignInProvider', description: 'A service elsewhere that one can sign in with.' })
export type SignInProviderFacts = z.infer<typeof SignInProviderFacts>

export const SignInProviders = z.array(SignInProviderFacts).max(3)

const next = z.string().max(2048).optional().describe('Path of this server to come back to.')

export const StartSignIn = z.object({
  provider: SignInProviderId,
  next,
  referralCode: z
    .string()
    .max(20)
    .regex(/^[A-Za-z0-9-]*$/, 'expected letters, digits and hyphens')
    .optional()
    .describe('Code of an existing account, where this sign-in makes a new one.'),
})
export type StartSignIn = z.infer<typeof StartSignIn>

export const StartLink = z.object({ provider: SignInProviderId, next })
export type StartLink = z.infer<typeof StartLink>

export const SignInStarted = z
  .object({ url: z.url().describe('Where to send the browser, the one that got the cookie of this answer.') })
  .meta({ id: 'SignInStarted', description: 'A sign-in elsewhere that waits for the person, for 10 minutes.' })
export type SignInStarted = z.infer<typeof SignInStarted>

export const FinishSignIn = z.object({
  provider: SignInProviderId,
  query: z.string().max(8192).describe('The query the provider sent the browser back with.'),
  binding: z.string().max(200).nullable().describe('Value of the cookie that starting it has set; null when there is none.'),
})
export type FinishSignIn = z.infer<typeof FinishSignIn>

const SignInOutcome = z.enum(['signedIn', 'registered', 'linked', 'codeNeeded']).meta({
  id: 'SignInOutcome',
  description: 'What came of a sign-in elsewhere.',
  'x-enumDescriptions': {
    signedIn: 'Somebody who was known signed in.',
    registered: 'A new person was made, and signed in.',
    linked: 'The person who was signed in can sign in this way as well.',
    codeNeeded: 'Nobody is signed in yet: their second factor is asked for.',
  },
})

export const SignInFinished = z
  .object({
    outcome: SignInOutcome,
    ticket: z.string().nullable().describe('For `secondFactor.complete`, where a code is needed; null otherwise.'),
    next: z.string().nullable().describe('Path to go on to, as it was said at the start.'),
  })
  .meta({ id: 'SignInFinished', description: 'A sign-in elsewhere that is complete.' })
export type SignInFinished = z.infer<typeof SignInFinished>
