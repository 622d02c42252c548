export {
  admitMessage,
  failInterruptedTurns,
  findSpeaker,
  requireSpeaker,
  sendMessage,
  sendPrepaidMessage,
  streamMessage,
  streamPrepaidMessage,
} from './chat.service.ts'
export { deliverMessage } from './delivery.service.ts'
export { findStoredBytes, findTokenFigures, findTurnFigures } from './turn-figures.service.ts'
export { asPayer } from './turn-payer.service.ts'
export { hearOfTurns } from './turn-queue.ts'
