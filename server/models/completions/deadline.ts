/** A signal that aborts when the caller goes away or the time is up. */
export interface Deadline {
  signal: AbortSignal
  isTimedOut(): boolean
  /** Gives it another end, counted from now. */
  extend(ms: number): void
  /** The work is done: the timer and the listener go. */
  dispose(): void
  /** The work is of no use any more: the same, and whoever still works on it is told to stop. */
  cancel(): void
}

export function startDeadline(caller: AbortSignal, ms: number): Deadline {
  const controller = new AbortController()
  let isTimedOut = false
  let isOver = false
  const abort = () => controller.abort(caller.reason)
  const expire = () => {
    isTimedOut = true
    controller.abort(new DOMException('The model took too long.', 'TimeoutError'))
  }
  let timer = setTimeout(expire, ms)
  if (caller.aborted) abort()
  else caller.addEventListener('abort', abort, { once: true })
  const dispose = () => {
    isOver = true
    clearTimeout(timer)
    caller.removeEventListener('abort', abort)
  }
  return {
    signal: controller.signal,
    isTimedOut: () => isTimedOut,
    extend(more) {
      if (isOver) return
      clearTimeout(timer)
      timer = setTimeout(expire, more)
    },
    dispose,
    cancel() {
      dispose()
      controller.abort(new DOMException('Nobody waits for the answer.', 'AbortError'))
    },
  }
}
