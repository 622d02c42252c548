import { mailboxRest } from '#server/identity/mailbox/mailbox.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: mailboxRest.forgotPassword })
export const action = loader
