import { z } from 'zod'
import { Success, Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing, Success }

export const SignInSession = z
  .object({
    id: z.string().describe('Its id.'),
    isCurrent: z.boolean().describe('Whether this call comes with it.'),
    device: z.string().describe('What the device calls itself, such as `Firefox on Windows`; that proves nothing.'),
    ip: z.string().nullable().describe('Address it was last used from.'),
    method: z.string().describe('How it was signed in with: `password`, `wallet`, `passkey`, `oauth` or `farcaster`.'),
    hasSecondFactor: z.boolean().describe('Whether two things were asked for.'),
    createdAt: timestamp.describe('When it was signed in.'),
    lastSeenAt: timestamp.describe('When it was last used, to about 5 minutes.'),
    expiresAt: timestamp.describe('When it ends unless it is used before: 30 days after that, and 90 days after it began in any case.'),
  })
  .meta({ id: 'SignInSession', description: 'A browser or program that is signed in as the person who calls.' })
export type SignInSession = z.infer<typeof SignInSession>

export const SignInSessions = z.array(SignInSession)

export const SignInSessionRef = z.object({ sessionId: z.string().min(1).max(100).describe('Id of the session.') })
export type SignInSessionRef = z.infer<typeof SignInSessionRef>

export const Reauthenticate = z
  .object({
    password: z.string().min(1, 'expected your password').max(1024).optional().describe('Your password.'),
    code: z
      .string()
      .trim()
      .min(6, 'expected 6 digits of the app, or a recovery code')
      .max(40, 'expected 6 digits of the app, or a recovery code')
      .optional()
      .describe('6 digits of your authenticator app, or a recovery code.'),
  })
  .refine(({ password, code }) => (password === undefined) !== (code === undefined), {
    error: 'expected either password or code',
    path: ['password'],
  })
export type Reauthenticate = z.infer<typeof Reauthenticate>

export const Reauthenticated = z
  .object({ freshUntil: timestamp.describe('Until then nothing asks for it again.') })
  .meta({ id: 'Reauthenticated', description: 'The session counts as freshly signed in.' })
export type Reauthenticated = z.infer<typeof Reauthenticated>

export const WaysToReauthenticate = z
  .object({
    password: z.boolean().describe('Whether there is a password.'),
    code: z.boolean().describe('Whether there is an authenticator app.'),
  })
  .meta({ id: 'WaysToReauthenticate', description: 'What a person can prove themselves with without signing in anew.' })
export type WaysToReauthenticate = z.infer<typeof WaysToReauthenticate>
