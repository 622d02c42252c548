import type { Platform } from '#server/platform/core/index.ts'
import { fileStoreOf } from '#server/integrations/storage/index.ts'
import * as queries from './blob-deletions.queries.ts'

const MAX_AT_ONCE = 100

/** Removes the bytes of files that are gone. Several servers may do it at once: removing twice is harmless. */
export async function removeDueBytes(platform: Platform): Promise<void> {
  const { system } = platform.databases
  for (;;) {
    const keys = await queries.listDueRemovals(system, MAX_AT_ONCE)
    for (const key of keys) {
      await fileStoreOf(platform).remove(key)
      await queries.deleteRemoval(system, key)
    }
    if (keys.length < MAX_AT_ONCE) return
  }
}
