import { outboxRest } from '#server/integrations/mail/outbox.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: outboxRest.get })
export const action = loader
