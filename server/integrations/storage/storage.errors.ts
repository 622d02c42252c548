import { AppError } from '#server/platform/core/index.ts'

/** The place where files are kept does not take any now; nothing of this one was kept. */
export class StorageUnavailable extends AppError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'STORAGE_UNAVAILABLE', message, {}, { cause })
  }
}
