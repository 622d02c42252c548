import { bind } from '#server/platform/operations/index.ts'
import { credits } from './credits.operations.ts'

export const creditsRest = {
  get: bind({ id: 'getCredits', tag: 'billing', operation: credits.get }),
}
