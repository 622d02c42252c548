/** Tells the time and wakes at a time. */
interface Timer {
  now(): Date
  /** @returns a function that takes it back. */
  at(time: Date, wake: () => void): () => void
}

interface Lease {
  /** How long after one renewal the next one is due: a third of the lease or less, so that one may fail. */
  everyMs: number
  renew(): Promise<unknown>
  /** A renewal that nobody waits for has failed; the next one is tried all the same. */
  onFailure(error: unknown): void
}

const machineTimer: Timer = {
  now: () => new Date(),
  at(time, wake) {
    const timer = setTimeout(wake, Math.max(0, time.getTime() - Date.now())).unref()
    return () => clearTimeout(timer)
  },
}

/** Renews a lease for as long as it is held, on time however long a renewal takes. Keeps no process alive. */
export class LeaseRenewal {
  readonly #lease: Lease
  readonly #timer: Timer
  #dueAt = 0
  #cancel: (() => void) | undefined

  constructor(lease: Lease, timer: Timer = machineTimer) {
    this.#lease = lease
    this.#timer = timer
  }

  /** The lease was just taken; from now on it is renewed. */
  start(): void {
    this.stop()
    this.#dueAt = this.#timer.now().getTime() + this.#lease.everyMs
    this.#cancel = this.#timer.at(new Date(this.#dueAt), () => {
      if (!this.#cancel) return
      this.start()
      this.#lease.renew().catch(this.#lease.onFailure)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** For a process that stood still: renews now what should have been renewed by now. @throws what the renewal throws. */
  async catchUp(): Promise<void> {
    if (!this.#cancel || this.#timer.now().getTime() < this.#dueAt) return
    this.start()
    await this.#lease.renew()
  }
}
