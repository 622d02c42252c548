import { statfsSync } from 'node:fs'

/**
 * Below this much free space the embedded database takes no more, and no file is received. It writes its log ahead in
 * segments of 16 MB, and when one of those does not fit it stops for good; four of them stay free for what is on its way.
 */
export const MIN_FREE_BYTES = 64 * 1024 * 1024

/** Below this nothing is deleted either: what says so in the log may need another segment, and the next one to be begun. */
export const MIN_FREE_BYTES_TO_DELETE = MIN_FREE_BYTES / 2

/** Whether the disk that holds `folder` has room for so many bytes beyond the reserve. It takes microseconds. */
export const hasRoom = (folder: string, bytes = 0): boolean => freeBytes(folder) - bytes >= MIN_FREE_BYTES

/** Whether there is room for what deleting writes. */
export const hasRoomToDelete = (folder: string): boolean => freeBytes(folder) >= MIN_FREE_BYTES_TO_DELETE

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
