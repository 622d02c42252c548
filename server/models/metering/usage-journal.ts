import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Platform } from '#server/platform/core/index.ts'
import type { UsageRow } from './metering.queries.ts'

/** Where servers that share a data folder keep what is not in the database yet. */
export const journalFolderOf = ({ env }: Pick<Platform, 'env'>): string => join(env.DATA_DIR, 'metering')

export const JOURNAL_ENDING = '.jsonl'

/** A file that is longer is written anew, with what still matters. */
const MAX_BYTES = 4_000_000

/**
 * What this server knows of calls of models, in a file, before and until it is in the database: a call is written down before its
 * provider is asked, and again when it has ended, a line each. A server that is killed loses none: what was handed to the system is
 * kept by it. Of several lines of one call the last counts.
 */
export class UsageJournal {
  readonly #platform: Platform
  readonly #path: string
  /** What is not in the database yet, by id. */
  readonly #open = new Map<string, UsageRow>()
  #file: number | undefined
  #bytes = 0

  constructor(platform: Platform) {
    this.#platform = platform
    this.#path = join(journalFolderOf(platform), `${platform.serverId}${JOURNAL_ENDING}`)
  }

  /** Writes down what is known of a call. A full disk stops no call: then it is in memory only, as it would be without. */
  note(row: UsageRow): void {
    this.#open.set(row.id, row)
    this.#write(lineOf(row))
    if (this.#bytes > MAX_BYTES) this.#writeAnew()
  }

  /** Calls are in the database, or came to nothing. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#open.delete(id)
    if (this.#open.size === 0 && this.#bytes > 0) this.#empty()
  }

  /** What is left in it another server stores, or this one when it starts again. */
  close(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
    if (this.#open.size === 0) rmSync(this.#path, { force: true })
  }

  #write(lines: string): void {
    try {
      if (this.#file === undefined) {
        mkdirSync(journalFolderOf(this.#platform), { recursive: true, mode: 0o700 })
        this.#file = openSync(this.#path, 'a', 0o600)
      }
      this.#bytes += writeSync(this.#file, lines)
    } catch (error) {
      this.#platform.log.warn({ err: error }, 'a model call could not be written down before it is stored')
    }
  }

  #empty(): void {
    if (this.#file === undefined) return
    ftruncateSync(this.#file)
    this.#bytes = 0
  }

  #writeAnew(): void {
    this.#empty()
    this.#write([...this.#open.values()].map(lineOf).join(''))
  }
}

const lineOf = (row: UsageRow): string => `${JSON.stringify(row)}\n`
