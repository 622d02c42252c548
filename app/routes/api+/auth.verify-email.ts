import { mailboxRest } from '#server/identity/mailbox/mailbox.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: mailboxRest.status, POST: mailboxRest.verify })
export const action = loader
