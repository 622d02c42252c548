import { statfsSync } from 'node:fs'

/**
 * Below this much free space the embedded database takes no more, and no file is received. It writes its log ahead in
 * segments of 16 MB, and when one of those does not fit it stops for good; four of them stay free for what is on its way.
 */
export const MIN_FREE_BYTES = 64 * 1024 * 1024

/** Whether the disk that holds `folder` has room for so many bytes beyond the reserve. It takes microseconds. */
export function hasRoom(folder: string, bytes = 0): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize - bytes >= MIN_FREE_BYTES
}
