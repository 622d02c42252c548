/** Tells the time and wakes at a time; a parameter, so that tests move it instead of waiting. */
export interface Clock {
  now(): Date
  /** Calls `wake` once, when `time` has come. @returns a function that takes it back. */
  at(time: Date, wake: () => void): () => void
}

/** The longest a timer of Node can be. */
const MAX_TIMER_MS = 2_147_483_647

/** The clock of the machine. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  at(time, wake) {
    const timer = setTimeout(wake, Math.min(MAX_TIMER_MS, Math.max(0, time.getTime() - Date.now())))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
