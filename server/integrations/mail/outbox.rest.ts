import { bind } from '#server/platform/operations/index.ts'
import { outbox } from './outbox.operations.ts'

export const outboxRest = {
  list: bind({ id: 'listOutbox', tag: 'system', operation: outbox.list, errors: [403] }),
  get: bind({ id: 'getOutboxMail', tag: 'system', operation: outbox.get, errors: [403, 404] }),
}
