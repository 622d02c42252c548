import { AppError } from '#server/platform/core/index.ts'

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

/** The account has as many files as its plan allows. */
export class FileLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('too_large', 'FILE_LIMIT_REACHED', `The plan has room for ${limit} files. Delete one first.`, { current, limit })
  }
}
