import { AgentbotError, ConnectionError, TimeoutError } from './errors.ts'

/** Aborts one try when its time is over or the caller does, and knows which of the two it was. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  readonly #callerSignal: AbortSignal | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  /** Starts the time-out. @throws the reason of `callerSignal` when it is aborted already. */
  constructor(timeoutMs: number, callerSignal: AbortSignal | undefined) {
    callerSignal?.throwIfAborted()
    this.#timeoutMs = timeoutMs
    this.#callerSignal = callerSignal
    callerSignal?.addEventListener('abort', this.#abort)
    this.restart()
  }

  /** For `fetch`. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Starts the time-out over. */
  restart(): void {
    this.pause()
    this.#timer = setTimeout(() => {
      this.#isOver = true
      this.#abort()
    }, this.#timeoutMs)
  }

  /** Stops the time-out until it is restarted. */
  pause(): void {
    clearTimeout(this.#timer)
  }

  /** Ends the try: the time-out is stopped and a connection that is still open is closed. */
  end(): void {
    this.pause()
    this.#callerSignal?.removeEventListener('abort', this.#abort)
    this.#abort()
  }

  /** What to throw to the caller for something that went wrong during the try. */
  explain(error: unknown): unknown {
    if (this.#callerSignal?.aborted) return this.#callerSignal.reason
    if (this.#isOver) return new TimeoutError(`No answer within ${this.#timeoutMs} ms.`, { code: 'TIMEOUT', cause: error })
    if (error instanceof AgentbotError) return error
    return new ConnectionError(`The connection to the server failed: ${reasonOf(error)}`, { code: 'CONNECTION_FAILED', cause: error })
  }

  readonly #abort = (): void => this.#controller.abort()
}

/** `fetch failed` alone says nothing; Node has the reason in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined }
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message
}
