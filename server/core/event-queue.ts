/**
 * Hands what one part of the program produces to another that reads it with `for await`, without
 * making the producer wait.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  #items: T[] = []
  #isClosed = false
  #error: unknown
  #hasFailed = false
  #wake: (() => void) | undefined

  push(item: T): void {
    this.#items.push(item)
    this.#wake?.()
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

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const items = this.#items
      this.#items = []
      yield* items
      if (this.#items.length > 0) continue
      if (this.#hasFailed) throw this.#error
      if (this.#isClosed) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
