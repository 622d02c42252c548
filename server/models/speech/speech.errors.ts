import { AppError } from '#server/platform/core/index.ts'

/** The voice inside the server did not get to the end of the text. `reason` completes the sentence. */
export class SpeechFailed extends AppError {
  constructor(reason: string, cause?: unknown) {
    super('upstream', 'SPEECH_FAILED', `The voice inside the server failed: ${reason}.`, {}, { cause })
  }
}

export class SpeechBusy extends AppError {
  constructor() {
    super('unavailable', 'SPEECH_BUSY', 'Too many texts wait to be spoken. Try again shortly.', { retryAfterSeconds: 5 })
  }
}
