import { z } from 'zod'
import { AccountPlan } from '#server/money/billing/billing.contract.ts'
import { Nothing, Success } from '#server/platform/core/common.contract.ts'

const email = z.email('expected an email address').max(254)
const newPassword = z.string().min(8, 'expected at least 8 characters').max(1024)
const currentPassword = z.string().min(1, 'expected your current password').max(1024)
const displayName = z.string().trim().min(1, 'expected at least 1 character').max(100)

export const Register = z.object({
  email,
  password: newPassword,
  name: z.string().trim().max(100).optional().describe('The email when left out.'),
  referralCode: z
    .string()
    .max(20)
    .regex(/^[A-Za-z0-9-]*$/, 'expected letters, digits and hyphens')
    .optional()
    .describe('Case does not matter. Both sides get credit.'),
  website: z.string().optional().describe('Leave it out. The sign-up page hides this field from people, so whoever fills it in is a bot.'),
})
export type Register = z.infer<typeof Register>

export const RegisteredAccount = z.object({ id: z.string(), email: z.email(), name: z.string() }).meta({ id: 'RegisteredAccount' })
export type RegisteredAccount = z.infer<typeof RegisteredAccount>

export const SignIn = z.object({
  email: email.describe('Case does not matter.'),
  password: z.string().min(1, 'expected a password').max(1024),
})
export type SignIn = z.infer<typeof SignIn>

export const SignedInUser = z.object({ id: z.string(), name: z.string().nullable() }).meta({ id: 'SignedInUser' })
export type SignedInUser = z.infer<typeof SignedInUser>

export { Nothing }

export const SessionUser = z
  .object({ id: z.string(), name: z.string().nullable(), email: z.string().nullable(), isAdmin: z.boolean() })
  .meta({ id: 'SessionUser' })
export const CurrentSession = z.object({ user: SessionUser.nullable() }).meta({ id: 'CurrentSession' })
export type CurrentSession = z.infer<typeof CurrentSession>

export const Done = z.object({ ok: z.literal(true) }).meta({ id: 'OkFlag' })

export const OpenclawRef = z
  .object({
    managed: z.boolean().describe('True when this server runs the runtime.'),
    instanceId: z.string().nullable().describe('Oldest agent of the account.'),
    url: z.url().nullable(),
  })
  .meta({ id: 'OpenclawRef' })

export const Profile = z
  .object({
    id: z.string(),
    email: z.email(),
    name: z.string().nullable(),
    plan: AccountPlan,
    credits: z.number().min(0),
    twoFactorEnabled: z.boolean(),
    openclaw: OpenclawRef,
    notifications: z.record(z.string(), z.unknown()).optional().meta({ id: 'NotificationSettings' }),
    referralCode: z.string().describe('Code to give to others; both sides get credit.'),
  })
  .meta({ id: 'Profile' })
export type Profile = z.infer<typeof Profile>

export const UpdateProfile = z.object({
  name: displayName.optional(),
  email: email.optional().describe('A new email needs a session and the password; with an API key only the name can change.'),
  currentPassword: currentPassword.optional().describe('Needed for a new email: whoever has it can have the password sent to it.'),
})
export type UpdateProfile = z.infer<typeof UpdateProfile>

export const PatchProfile = z.object({ name: displayName.optional(), notifications: z.record(z.string(), z.unknown()).optional() })
export type PatchProfile = z.infer<typeof PatchProfile>

export const ChangePassword = z.object({ currentPassword, newPassword })
export type ChangePassword = z.infer<typeof ChangePassword>

export { Success }
