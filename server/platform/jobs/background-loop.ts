import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Platform } from '../core/index.ts'
import type { Clock } from './clock.ts'
import { notifyWork } from './queue.queries.ts'

/** Looks for what is due and begins it. Resolves with when there will be more, as far as is known. */
type Look = () => Promise<Date | null>

/** Looked for again after this long whatever was heard: a lease of a server that died, say. */
const MAX_SLEEP_MS = 60_000
/** While notifications of other servers cannot be heard, or the database did not answer. */
const SHORT_SLEEP_MS = 5_000
/** What is due and yet not found is being taken by another server: it is looked for after a pause, which doubles each time. */
const MIN_PAUSE_MS = 20
const MAX_PAUSE_MS = 1_000

/**
 * Sleeps until something is due, or until any server says that there is something to do. An idle
 * server asks the database once a minute.
 */
export class BackgroundLoop {
  readonly #platform: Platform
  readonly #clock: Clock
  readonly #looks: Look[]
  #current: Promise<void> | undefined
  #isLooking = false
  #isWanted = false
  #isListening = false
  #isStopped = false
  #cancelTimer: (() => void) | undefined
  #pauseMs = MIN_PAUSE_MS

  /** @param looks Done one after the other, in this order. */
  constructor(platform: Platform, clock: Clock, looks: Look[]) {
    this.#platform = platform
    this.#clock = clock
    this.#looks = looks
  }

  async start(): Promise<void> {
    await this.#platform.databases.listen('work', {
      onMessage: () => this.wake(),
      onChange: (isListening) => {
        this.#isListening = isListening
        this.wake()
      },
    })
  }

  /** Looks for work now, or once more when that is being done. */
  wake(): void {
    this.#isWanted = true
    if (!this.#isLooking && !this.#isStopped) this.#current = this.#lookWhileWanted()
  }

  /** Resolves once it sleeps. */
  async settled(): Promise<void> {
    while (this.#isLooking) await this.#current
  }

  /** Begins nothing more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    await this.settled()
  }

  /** Has the other servers look for what this one leaves. */
  async giveWorkBack(): Promise<void> {
    await notifyWork(this.#platform.databases.system)
  }

  async #lookWhileWanted(): Promise<void> {
    this.#isLooking = true
    while (this.#isWanted && !this.#isStopped && !this.#platform.shutdown.aborted) {
      this.#isWanted = false
      this.#sleepUntil(await this.#lookOnce())
      // Work that makes work would otherwise never let a signal or a request be heard.
      await nextTurn()
    }
    this.#isLooking = false
  }

  /** @returns when to look again. */
  async #lookOnce(): Promise<number> {
    const began = this.#clock.now().getTime()
    try {
      const moments: (Date | null)[] = []
      for (const look of this.#looks) moments.push(await look())
      const latest = began + (this.#isListening ? MAX_SLEEP_MS : SHORT_SLEEP_MS)
      const next = Math.min(latest, ...moments.flatMap((moment) => (moment ? [moment.getTime()] : [])))
      const pause = next > began ? next - began : this.#pauseMs
      this.#pauseMs = next > began ? MIN_PAUSE_MS : Math.min(MAX_PAUSE_MS, pause * 2)
      return began + pause
    } catch (error) {
      this.#platform.log.error({ err: error }, 'could not look for work')
      return began + SHORT_SLEEP_MS
    }
  }

  #sleepUntil(time: number): void {
    this.#cancelTimer?.()
    if (!this.#isStopped) this.#cancelTimer = this.#clock.at(new Date(time), () => this.wake())
  }
}
