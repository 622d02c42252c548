export { BotDetected } from './bots.errors.ts'
export { forgetExpiredPuzzles, screenForBots } from './bots.service.ts'
