import type { LoadScope } from './load-scope.ts'

/** How long the time is that CPU in use is told for. */
export const WINDOW_MS = 5_000

interface Reading {
  at: number
  cpuMs: number
}

/** CPU in use over the last few seconds, whoever asks and however seldom. It has to be told to look about every second. */
export class CpuWindow {
  readonly #scope: Pick<LoadScope, 'processors' | 'readCpuMs'>
  readonly #now: () => number
  #readings: Reading[]

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(scope: Pick<LoadScope, 'processors' | 'readCpuMs'>, now: () => number = () => performance.now()) {
    this.#scope = scope
    this.#now = now
    this.#readings = [this.#read()]
  }

  look(): void {
    const reading = this.#read()
    // Of those from before the window the last one is where it begins.
    const first = this.#readings.findLastIndex(({ at }) => at <= reading.at - WINDOW_MS)
    this.#readings = [...this.#readings.slice(Math.max(0, first)), reading]
  }

  /** Percent of the processors, 0 to 100; until there were two looks, since the first. */
  percent(): number {
    if (this.#readings.length < 2) this.look()
    const [from, until] = [this.#readings[0]!, this.#readings.at(-1)!]
    const passed = until.at - from.at
    return passed > 0 ? ((until.cpuMs - from.cpuMs) / (passed * this.#scope.processors)) * 100 : 0
  }

  #read = (): Reading => ({ at: this.#now(), cpuMs: this.#scope.readCpuMs() })
}
