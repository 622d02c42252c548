import { bind } from '#server/platform/operations/index.ts'
import { mailbox } from './mailbox.operations.ts'

export const mailboxRest = {
  forgotPassword: bind({ id: 'requestPasswordReset', tag: 'auth', operation: mailbox.forgotPassword, errors: [403] }),
  resetPassword: bind({ id: 'resetPassword', tag: 'auth', operation: mailbox.resetPassword }),
  sendVerification: bind({ id: 'sendEmailVerification', tag: 'auth', operation: mailbox.sendVerification, errors: [409] }),
  status: bind({ id: 'getEmailVerification', tag: 'auth', operation: mailbox.status }),
  verify: bind({ id: 'verifyEmail', tag: 'auth', operation: mailbox.verify, errors: [403] }),
}
