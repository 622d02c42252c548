import { PlacedEvent } from '#server/platform/operations/index.ts'
import type { LogEntry, LogEvent } from './runtime.contract.ts'

/** A line of a log, and whether this server wrote it or the runtime of the agent did. */
export interface WrittenLine {
  entry: LogEntry
  isOwn: boolean
}

/**
 * How far somebody who watches a log has come. Own lines and those of the runtime arrive in the order of each, but not
 * of both together, so a place names the last of each.
 */
export class LogPlace {
  #ownId: string
  /** Id of a line; before the first, the time since when there was none. */
  #runtime: string

  private constructor(ownId: string, runtime: string) {
    this.#ownId = ownId
    this.#runtime = runtime
  }

  /** Before all of these lines. */
  static before(oldest: LogEntry | undefined): LogPlace {
    return new LogPlace('', oldest?.timestamp ?? new Date().toISOString())
  }

  /** What an event had as its place; undefined for anything else. */
  static parse(text: string | undefined): LogPlace | undefined {
    const [, ownId, runtime] = /^(log_\w+|)~(log_\w+|[\d:.TZ-]+)$/.exec(text ?? '') ?? []
    return ownId === undefined || runtime === undefined ? undefined : new LogPlace(ownId, runtime)
  }

  /** The lines behind it. @param own,runtime each oldest first. */
  rest(own: LogEntry[], runtime: LogEntry[]): WrittenLine[] {
    const seen = runtime.findIndex(({ id }) => id === this.#runtime)
    // Of a line that is not kept any more, the newer ones are all there are.
    const isTime = !this.#runtime.startsWith('log_')
    const rest = runtime.slice(seen + 1).filter(({ timestamp }) => !isTime || timestamp >= this.#runtime)
    return inOrder(
      own.filter(({ id }) => id > this.#ownId),
      rest,
    )
  }

  get text(): string {
    return `${this.#ownId}~${this.#runtime}`
  }

  /** Goes on behind a line. @returns the event that tells of it. */
  pass({ entry, isOwn }: WrittenLine): PlacedEvent<LogEvent> {
    if (isOwn) this.#ownId = entry.id
    else this.#runtime = entry.id
    return new PlacedEvent(this.text, { type: 'log', ...entry })
  }
}

/** Lines of both kinds, oldest first. */
export const inOrder = (own: LogEntry[], runtime: LogEntry[]): WrittenLine[] =>
  [...own.map((entry) => ({ entry, isOwn: true })), ...runtime.map((entry) => ({ entry, isOwn: false }))].sort((a, b) =>
    a.entry.timestamp < b.entry.timestamp ? -1 : a.entry.timestamp > b.entry.timestamp ? 1 : 0,
  )
