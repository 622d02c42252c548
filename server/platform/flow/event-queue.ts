/** Items that wait for a reader before the producer waits too. */
const MAX_WAITING = 64
/** How long a reader may take nothing at all before it counts as gone. */
const MAX_STALL_MS = 60_000

/**
 * Hands what one part of the program produces to another that reads it with `for await`. A producer that
 * waits for `push` makes no more than is read; one that cannot wait looks at `isFull` first.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #onStalled: () => void
  #items: T[] = []
  #isClosed = false
  #error: unknown
  #hasFailed = false
  #wake: (() => void) | undefined
  #room: PromiseWithResolvers<void> | undefined
  #stallTimer: NodeJS.Timeout | undefined
  #isLeft = false
  #hasStoppedWaiting = false

  /** @param onStalled Called when many items wait and the reader has taken none for a minute. By default it counts as gone. */
  constructor(onStalled?: () => void) {
    this.#onStalled = onStalled ?? (() => this.#abandon())
  }

  /** Whether more waits than should. */
  get isFull(): boolean {
    return this.#items.length >= MAX_WAITING
  }

  /** Resolves when there is room for another item, or nobody reads any more. */
  async push(item: T): Promise<void> {
    if (this.#isLeft) return
    this.#items.push(item)
    this.#wake?.()
    if (!this.isFull || this.#hasStoppedWaiting) return
    this.#stallTimer ??= setTimeout(this.#onStalled, MAX_STALL_MS).unref()
    this.#room ??= Promise.withResolvers()
    await this.#room.promise
  }

  /** No more items; those not read yet still come. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  /** No more items, and then the reader gets this error. */
  fail(error: unknown): void {
    this.#error = error
    this.#hasFailed = true
    this.close()
  }

  /** The producer is told to end: it must not wait for a reader to do so. */
  stopWaiting(): void {
    this.#hasStoppedWaiting = true
    this.#makeRoom()
  }

  /** Nobody reads any more: what is pushed from now on goes nowhere, and nobody waits. */
  leave(): void {
    this.#isLeft = true
    this.#items = []
    this.#makeRoom()
  }

  #abandon(): void {
    this.close()
    this.leave()
  }

  #makeRoom(): void {
    clearTimeout(this.#stallTimer)
    this.#stallTimer = undefined
    this.#room?.resolve()
    this.#room = undefined
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const items = this.#items
        this.#items = []
        this.#makeRoom()
        yield* items
        if (this.#items.length > 0) continue
        if (this.#hasFailed) throw this.#error
        if (this.#isClosed) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.leave()
    }
  }
}
