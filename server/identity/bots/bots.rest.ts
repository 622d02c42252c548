import { bind } from '#server/platform/operations/index.ts'
import { bots } from './bots.operations.ts'

export const botsRest = {
  challenge: bind({ id: 'getPuzzles', tag: 'auth', operation: bots.challenge }),
}
