/** Items that may wait before a producer is asked to. */
const MAX_WAITING = 256

/**
 * Hands what one part of the program produces to another that reads it with `for await`. A producer
 * that awaits `push` goes as fast as the reader; one that cannot wait looks at `isFull` first.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  #items: T[] = []
  #isClosed = false
  #error: unknown
  #hasFailed = false
  #wake: (() => void) | undefined
  #read: PromiseWithResolvers<void> | undefined

  /** Whether more waits than should. */
  get isFull(): boolean {
    return this.#items.length >= MAX_WAITING
  }

  /** @returns a promise to wait for while the queue is full; it resolves once the reader has caught up, or the queue has ended. */
  push(item: T): Promise<void> | undefined {
    this.#items.push(item)
    this.#wake?.()
    if (!this.isFull || this.#isClosed) return undefined
    this.#read ??= Promise.withResolvers<void>()
    return this.#read.promise
  }

  /** No more items; those not read yet still come. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
    this.#letProducerGoOn()
  }

  /** No more items, and then the reader gets this error. */
  fail(error: unknown): void {
    this.#error = error
    this.#hasFailed = true
    this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const items = this.#items
      this.#items = []
      yield* items
      this.#letProducerGoOn()
      if (this.#items.length > 0) continue
      if (this.#hasFailed) throw this.#error
      if (this.#isClosed) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #letProducerGoOn(): void {
    this.#read?.resolve()
    this.#read = undefined
  }
}
