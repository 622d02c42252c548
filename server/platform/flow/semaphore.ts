import { AppError } from '../core/index.ts'

/** More calls wait for something expensive than can be served soon. */
export class TooBusy extends AppError {
  constructor() {
    super('unavailable', 'TOO_BUSY', 'The server has too many calls of this kind at once. Try again in a moment.', { retryAfterSeconds: 5 })
  }
}

/** Lets a few pieces of work run at a time; the others wait in the order they came, up to a bound. */
export class Semaphore {
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor({ permits, maxWaiting }: { permits: number; maxWaiting: number }) {
    this.#free = permits
    this.#maxWaiting = maxWaiting
  }

  /** @throws TooBusy when too many wait already; what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await this.#wait()
    try {
      return await work()
    } finally {
      // Who waits gets the permit handed on, so that nobody takes it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) throw new TooBusy()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
