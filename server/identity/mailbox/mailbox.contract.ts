import { z } from 'zod'
import { Nothing } from '#server/platform/core/common.contract.ts'
import { proof } from '../bots/bots.contract.ts'
import { emailAddress, newPassword } from '../users/users.contract.ts'

const token = z.string().min(1, 'expected the token of the link').max(200)

export const ForgotPassword = z.object({
  email: emailAddress.describe('Of the account. Case does not matter.'),
  proof,
})
export type ForgotPassword = z.infer<typeof ForgotPassword>

export const ResetPassword = z.object({
  token: token.describe('What stands behind the `#` in the link.'),
  password: newPassword.describe('8 to 1,024 characters.'),
})
export type ResetPassword = z.infer<typeof ResetPassword>

export const VerifyEmail = z.object({ token: token.describe('What stands behind the `#` in the link.') })
export type VerifyEmail = z.infer<typeof VerifyEmail>

export const MailboxStatus = z
  .object({
    email: z.string().nullable().describe('The address of your account; null for none.'),
    isVerified: z.boolean().describe('Whether you have proved that it is yours.'),
  })
  .meta({ id: 'MailboxStatus', description: 'The address of an account.' })
export type MailboxStatus = z.infer<typeof MailboxStatus>

export const Told = z
  .object({ message: z.string().describe('What happened, for whoever asked.') })
  .meta({ id: 'ToldMessage', description: 'Done, and what to do now.' })
export type Told = z.infer<typeof Told>

export { Nothing }
