import { Forbidden } from '#server/platform/core/index.ts'

/** The call looks like one of a machine that makes many. `field` is what gave it away, or would help. */
export class BotDetected extends Forbidden {
  constructor(field: string, message: string) {
    super('TAKEN_FOR_BOT', `${field}: ${message}`, { field })
  }
}
