import { bind } from '#server/platform/operations/index.ts'
import { billing } from './billing.operations.ts'

export const billingRest = {
  trial: bind({ id: 'getTrial', tag: 'billing', operation: billing.trial }),
}
