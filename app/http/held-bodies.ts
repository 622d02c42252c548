import v8 from 'node:v8'
import { TooBusy } from '#server/platform/flow/index.ts'

/** What a body takes of the heap at its worst: its text, what is parsed of it, and what is sent on, with two bytes a character. */
const TIMES_ITS_SIZE = 8

/**
 * Bounds the bytes of large bodies that are in memory at once, whoever sends them: from their arrival until their answer
 * is out, because a call that is tried again sends them again.
 */
export class HeldBodies {
  readonly #maxBytes: number
  #bytes = 0

  /** @param leastBytes What fits in any case, so that one body of the largest size always does. */
  constructor(leastBytes: number) {
    this.#maxBytes = Math.max(leastBytes, Math.floor(v8.getHeapStatistics().heap_size_limit / TIMES_ITS_SIZE))
  }

  /** Room for one body. */
  open(): HeldBody {
    return new HeldBody({
      take: (bytes) => {
        if (this.#bytes + bytes > this.#maxBytes) throw new TooBusy()
        this.#bytes += bytes
      },
      give: (bytes) => void (this.#bytes -= bytes),
    })
  }
}

/** What one body takes. */
export class HeldBody {
  readonly #room: { take(bytes: number): void; give(bytes: number): void }
  #bytes = 0
  #isReleased = false

  constructor(room: { take(bytes: number): void; give(bytes: number): void }) {
    this.#room = room
  }

  /** @throws TooBusy when there is no room for so many more bytes. */
  add(bytes: number): void {
    // Who has gone away gives nothing back any more.
    if (this.#isReleased) return
    this.#room.take(bytes)
    this.#bytes += bytes
  }

  release(): void {
    this.#isReleased = true
    this.#room.give(this.#bytes)
    this.#bytes = 0
  }
}
