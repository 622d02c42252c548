import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './mailbox.contract.ts'
import { forgotPassword, resetPassword } from './recovery.service.ts'
import { getStatus, sendVerification, verifyEmail } from './verification.service.ts'

const token = 'kq0Zb1vNf3xJ7c2TqYh8mWd5RgLs9uPaEoIiKzXyVnM'

export const mailbox = {
  forgotPassword: defineMutation({
    name: 'mailbox.forgotPassword',
    summary: 'Ask for a password reset',
    description: 'The answer is the same whether or not the account exists. Screened for bots. The link works once, for an hour.',
    access: 'public',
    bucket: 'forgot-password',
    transaction: false,
    input: contract.ForgotPassword,
    output: contract.Told,
    example: { input: { email: 'ines@example.org' }, output: { message: 'Look in your inbox if you have an account here.' } },
    run: forgotPassword,
  }),
  resetPassword: defineMutation({
    name: 'mailbox.resetPassword',
    summary: 'Set a new password',
    description: 'Ends all sessions of the account and does not sign in. A second factor stays as it is.',
    access: 'public',
    bucket: 'reset-password',
    transaction: false,
    input: contract.ResetPassword,
    output: contract.Told,
    example: {
      input: { token, password: 'new-harbour-light' },
      output: { message: 'Your password is changed. Sign in with the new one.' },
    },
    run: resetPassword,
  }),
  status: defineQuery({
    name: 'mailbox.status',
    summary: 'See whether your address is verified',
    access: 'session',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.MailboxStatus,
    example: { input: {}, output: { email: 'ines@example.org', isVerified: false } },
    run: getStatus,
  }),
  sendVerification: defineMutation({
    name: 'mailbox.sendVerification',
    summary: 'Have the link that verifies your address sent again',
    description: 'At most three such links of the last hour are good at a time.',
    access: 'session',
    bucket: 'verify-email',
    transaction: false,
    input: contract.Nothing,
    output: contract.Told,
    example: { input: {}, output: { message: 'Look in your inbox: a link is on its way.' } },
    run: sendVerification,
  }),
  verify: defineMutation({
    name: 'mailbox.verify',
    summary: 'Verify your address',
    description: 'With the token of a link that was mailed to it, signed in to the account it is of.',
    access: 'session',
    bucket: 'verify-email',
    transaction: false,
    input: contract.VerifyEmail,
    output: contract.Told,
    example: { input: { token }, output: { message: 'Your address is confirmed.' } },
    run: verifyEmail,
  }),
}
