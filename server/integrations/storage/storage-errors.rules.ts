import { AppError, DiskFull } from '#server/platform/core/index.ts'
import { StorageUnavailable } from './storage.errors.ts'

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** What a failure of a disk or a bucket means to whoever sends or reads a file. */
export function explainStorageError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const isFull = error instanceof Error && 'code' in error && FULL.has(String(error.code))
  return isFull ? new DiskFull(error) : new StorageUnavailable('The storage for files does not work now.', error)
}
