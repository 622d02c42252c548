/** Work slots of an account per minute. */
export const SLOTS_PER_MINUTE = 6
/** Jobs of an account that may wait or run at a time, runs of schedules aside. */
export const MAX_OPEN_JOBS = 100
/** A message with more characters takes two slots. */
const LONG_MESSAGE = 800

/** Slots a message to an agent takes. */
export const slotsOf = (message: string): number => (message.length > LONG_MESSAGE ? 2 : 1)

/**
 * Seconds until `wanted` slots are free; 0 when they are now.
 *
 * @param taken Slots taken in the last minute, and in how many seconds each comes free; oldest first.
 */
export function secondsUntilFree(wanted: number, most: number, taken: readonly { slots: number; freeInSeconds: number }[]): number {
  let tooMany = taken.reduce((sum, { slots }) => sum + slots, 0) + wanted - most
  if (tooMany <= 0) return 0
  for (const { slots, freeInSeconds } of taken) {
    tooMany -= slots
    if (tooMany <= 0) return Math.max(1, Math.ceil(freeInSeconds))
  }
  return 60
}

const RETRY_DELAYS_MS = [10_000, 60_000]

/** How long a job waits after its attempt number `attempts` failed. */
export const retryDelayMs = (attempts: number, delaysMs: readonly number[] = RETRY_DELAYS_MS): number =>
  delaysMs[Math.min(attempts, delaysMs.length) - 1]!
