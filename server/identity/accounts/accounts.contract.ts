import { z } from 'zod'
import { SignedInUser } from '../users/users.contract.ts'
import { AccountPlan, Referral, Referrals } from '#server/money/billing/billing.contract.ts'
import { proof } from '../bots/bots.contract.ts'
import { emailAddress as email, newPassword } from '../users/users.contract.ts'
import { Done, Nothing, Success } from '#server/platform/core/common.contract.ts'
import { boundedJson, nameText, nameTextOrNone } from '#server/platform/core/texts.contract.ts'

const currentPassword = z.string().min(1, 'expected your current password').max(1024)
const displayName = nameText(100)

export const Register = z.object({
  email: email.describe('Where you can be reached, and what you sign in with.'),
  password: newPassword.describe('8 to 1,024 characters.'),
  name: nameTextOrNone(100).optional().describe('The email when left out.'),
  referralCode: z
    .string()
    .max(20)
    .regex(/^[A-Za-z0-9-]*$/, 'expected letters, digits and hyphens')
    .optional()
    .describe('Case does not matter. Both sides get credit once the address is verified or a first deposit has arrived.'),
  invitation: z
    .string()
    .min(1, 'expected the token of an invitation')
    .max(200)
    .optional()
    .describe('Token of an invitation to a team, from behind the `#` of its link: you are a member at once. It is for one address.'),
  website: z.string().optional().describe('Leave it out. The sign-up page hides this field from people, so whoever fills it in is a bot.'),
  proof,
})
export type Register = z.infer<typeof Register>

export const RegisteredAccount = z
  .object({
    id: z.string().describe('Its id.'),
    email: z.email().describe('What it signs in with.'),
    name: z.string().describe('What its owner is called.'),
    referral: Referral.nullable().describe('What comes of the referral code; null without one.'),
  })
  .meta({ id: 'RegisteredAccount', description: 'An account that was made.' })
export type RegisteredAccount = z.infer<typeof RegisteredAccount>

export const SignIn = z.object({
  email: email.describe('Case does not matter.'),
  password: z.string().min(1, 'expected a password').max(1024).describe('The password of the account.'),
  code: z
    .string()
    .trim()
    .max(40)
    .optional()
    .describe('For who has a second factor: 6 digits of the authenticator app, or a recovery code. Ignored for others.'),
})
export type SignIn = z.infer<typeof SignIn>

export { SignedInUser }

export { Done, Nothing }

export const SessionUser = z
  .object({
    id: z.string().describe('Id of the account.'),
    name: z.string().nullable().describe('What they are called; null when they never said.'),
    email: z.string().nullable().describe('What they sign in with; null for a key that may not know.'),
    isAdmin: z.boolean().describe('Whether they operate this server.'),
  })
  .meta({ id: 'SessionUser', description: 'Who calls.' })
export const CurrentSession = z.object({ user: SessionUser.nullable() }).meta({ id: 'CurrentSession', description: 'Who is signed in.' })
export type CurrentSession = z.infer<typeof CurrentSession>

export const OpenclawRef = z
  .object({
    managed: z.boolean().describe('True when this server runs the runtime.'),
    instanceId: z.string().nullable().describe('Instance of the oldest agent of the account, as `/api/instance/{userId}` knows it.'),
    url: z.url().nullable().describe('Where it answers; null while there is none.'),
  })
  .meta({ id: 'OpenclawRef', description: 'The runtime of an account.' })

export const Profile = z
  .object({
    id: z.string().describe('Its id.'),
    email: z.email().nullable().describe('What they sign in with; null for who has none, such as somebody with a wallet.'),
    name: z.string().nullable().describe('What its owner is called; null when they never said.'),
    plan: AccountPlan,
    credits: z.number().min(0).describe('Prepaid balance, in US dollars.'),
    twoFactorEnabled: z.boolean().describe('Whether signing in asks for a second factor.'),
    openclaw: OpenclawRef,
    notifications: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ id: 'NotificationSettings', description: 'Which news to send, by name.' }),
    referralCode: z
      .string()
      .describe(
        'Code to give to others; both sides get credit once the address of the new account is verified or its first deposit has arrived.',
      ),
    referral: Referral.nullable().describe('What came of the referral code the account was made with; null without one.'),
    referrals: Referrals,
  })
  .meta({ id: 'Profile', description: 'An account, as its owner sees it.' })
export type Profile = z.infer<typeof Profile>

export const UpdateProfile = z.object({
  name: displayName.optional().describe('What to be called.'),
  email: email.optional().describe('A new email needs a session and the password; with an API key only the name can change.'),
  currentPassword: currentPassword.optional().describe('Needed for a new email: whoever has it can have the password sent to it.'),
})
export type UpdateProfile = z.infer<typeof UpdateProfile>

export const PatchProfile = z.object({
  name: displayName.optional().describe('What to be called.'),
  notifications: boundedJson({ maxBytes: 10_000, maxDepth: 5 })
    .optional()
    .describe('Which news to send, by name; they take the place of those before. At most 10,000 bytes as JSON, in 5 levels.'),
})
export type PatchProfile = z.infer<typeof PatchProfile>

export const ChangePassword = z.object({
  currentPassword: currentPassword.describe('The password there is.'),
  newPassword: newPassword.describe('8 to 1,024 characters.'),
})
export type ChangePassword = z.infer<typeof ChangePassword>

export { Success }
