/** Longest an answer may take that never falls silent: many times what any model needs, for one that would never end. */
export const MAX_ANSWER_MS = 60 * 60_000

/** What ran out: the provider was silent, the reader of its answer did not read on, or it all took too long. */
type Expired = 'silence' | 'reader' | 'whole'

/** A signal that aborts when the caller goes away, or whoever is waited for has been silent for too long. */
export interface Deadline {
  signal: AbortSignal
  /** What ran out; undefined while nothing has. */
  readonly expired: Expired | undefined
  /** A sign of life: the silence begins anew. */
  touch(): void
  /** Pieces as they come. While nobody asks for the next, it is not the provider that is silent. */
  watch<T>(pieces: AsyncGenerator<T>): AsyncGenerator<T>
  /** Another longest silence from now on. */
  setSilence(ms: number): void
  /** The work is done: the timer and the listener go. */
  dispose(): void
  /** The work is of no use any more: the same, and whoever still works on it is told to stop. */
  cancel(): void
}

export function startDeadline(caller: AbortSignal, silenceMs: number): Deadline {
  const controller = new AbortController()
  const endsAt = performance.now() + MAX_ANSWER_MS
  let longestMs = silenceMs
  let lastSign = performance.now()
  let expired: Expired | undefined
  let isProvidersTurn = true
  const abort = () => controller.abort(caller.reason)
  // One timer that looks again when it ran too early is far cheaper than a new one for every piece of an answer.
  const check = () => {
    const now = performance.now()
    const leftMs = Math.min(lastSign + longestMs, endsAt) - now
    if (leftMs > 0) return void (timer = setTimeout(check, leftMs))
    expired = now >= endsAt ? 'whole' : isProvidersTurn ? 'silence' : 'reader'
    controller.abort(new DOMException('The model took too long.', 'TimeoutError'))
  }
  let timer = setTimeout(check, silenceMs)
  if (caller.aborted) abort()
  else caller.addEventListener('abort', abort, { once: true })
  let isOver = false
  const dispose = () => {
    isOver = true
    clearTimeout(timer)
    caller.removeEventListener('abort', abort)
  }
  const pass = (toProvider: boolean) => {
    isProvidersTurn = toProvider
    lastSign = performance.now()
  }
  return {
    signal: controller.signal,
    get expired() {
      return expired
    },
    touch() {
      lastSign = performance.now()
    },
    async *watch(pieces) {
      try {
        for (;;) {
          pass(true)
          const { done, value } = await pieces.next()
          pass(false)
          if (done) return
          yield value
        }
      } finally {
        await pieces.return(undefined)
      }
    },
    setSilence(ms) {
      longestMs = ms
      lastSign = performance.now()
      if (isOver) return
      clearTimeout(timer)
      timer = setTimeout(check, ms)
    },
    dispose,
    cancel() {
      dispose()
      controller.abort(new DOMException('Nobody waits for the answer.', 'AbortError'))
    },
  }
}
