import type { Platform } from '#server/platform/core/index.ts'
import { endClosedStreams, endStreamsOfSession } from './open-streams.ts'
import type { KeyRow } from './api-keys.queries.ts'

/** How long a checked key counts at most, should a change of it not be heard. */
const MAX_AGE_MS = 5_000
const MAX_KEYS = 10_000

interface Entry {
  row: KeyRow
  readAt: number
}

/**
 * Keys that were checked a moment ago, so that a busy caller does not cost a query per call. Whatever
 * changes a key or its account is heard from the database, by all servers; while nothing can be heard,
 * nothing is kept.
 */
class KeyCache {
  readonly #byHash = new Map<string, Entry>()
  #isListening = false
  /** Rises with every change: what was read before one is not kept after it. */
  #generation = 0

  get generation(): number {
    return this.#generation
  }

  find(hash: string): KeyRow | undefined {
    const entry = this.#byHash.get(hash)
    if (!entry || performance.now() - entry.readAt > MAX_AGE_MS) return undefined
    return entry.row
  }

  /** @param generation As it was before the row was read. */
  keep(hash: string, row: KeyRow, generation: number): void {
    if (!this.#isListening || generation !== this.#generation) return
    if (this.#byHash.size >= MAX_KEYS) this.#byHash.delete(this.#byHash.keys().next().value!)
    this.#byHash.set(hash, { row, readAt: performance.now() })
  }

  forget(accountId: string): void {
    this.#generation += 1
    for (const [hash, { row }] of this.#byHash) if (row.accountId === accountId) this.#byHash.delete(hash)
  }

  setListening(isListening: boolean): void {
    this.#isListening = isListening
    this.#generation += 1
    this.#byHash.clear()
  }
}

const caches = new WeakMap<Platform, KeyCache>()

/** The checked keys of a server. */
export function keyCacheOf(platform: Platform): KeyCache {
  let cache = caches.get(platform)
  if (!cache) caches.set(platform, (cache = new KeyCache()))
  return cache
}

/** Starts to hear of changes; until then every key is looked up. Streams of who is not let in any more are ended. */
export async function watchCredentials(platform: Platform): Promise<void> {
  const cache = keyCacheOf(platform)
  const endStreams = (accountId?: string) =>
    endClosedStreams(platform, accountId).catch((error: unknown) => {
      if (!platform.shutdown.aborted) platform.log.error({ err: error }, 'could not look whose streams have to end')
    })
  await platform.databases.listen('credentials', {
    onMessage(accountId) {
      cache.forget(accountId)
      void endStreams(accountId)
    },
    onChange(isListening) {
      cache.setListening(isListening)
      // What was said meanwhile was not heard.
      if (isListening) void endStreams()
    },
  })
  await platform.databases.listen('sessions', {
    onMessage: (sessionId) => endStreamsOfSession(platform, sessionId),
    onChange: () => undefined,
  })
}

/** Has this server look the keys of an account up again, at once: the database says so only moments later. */
export const forgetKeysOf = (platform: Platform, accountId: string): void => keyCacheOf(platform).forget(accountId)
