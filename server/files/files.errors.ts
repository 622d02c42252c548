import { AppError } from '../core/errors.ts'

export class FileNotFound extends AppError {
  constructor(fileId: string) {
    super('not_found', 'FILE_NOT_FOUND', `There is no file "${fileId}".`, { fileId })
  }
}

/** The file does not fit into what is left of the storage of the plan. */
export class StorageFull extends AppError {
  constructor(usedBytes: number, limitBytes: number) {
    super('too_large', 'STORAGE_FULL', 'The file does not fit in the storage of the plan.', { usedBytes, limitBytes })
  }
}

/** The place where files are kept does not take any now; nothing of this one was kept. */
export class StorageUnavailable extends AppError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'STORAGE_UNAVAILABLE', message, {}, { cause })
  }
}
