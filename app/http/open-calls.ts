import { type Platform, ServerStopping } from '#server/platform/core/index.ts'
import { Slots } from '#server/platform/flow/index.ts'

/**
 * The calls that wait for their answer. Once the server is stopping it takes no more, and those that
 * wait when its grace is over are told so.
 */
export class OpenCalls {
  readonly #stopping: AbortSignal
  readonly #refusals = new Slots<(error: ServerStopping) => void>()

  constructor({ stopping, shutdown }: Pick<Platform, 'stopping' | 'shutdown'>) {
    this.#stopping = stopping
    shutdown.addEventListener('abort', () => {
      for (const refuse of this.#refusals) refuse(new ServerStopping())
    })
  }

  /** @throws ServerStopping; what `work` throws. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stopping.aborted) return Promise.reject(new ServerStopping())
    // Not `Promise.race` with one promise for all: that would keep every call for as long as the server runs.
    return new Promise((resolve, reject) => {
      const slot = this.#refusals.take(reject)
      work().then(
        (answer) => {
          this.#refusals.free(slot)
          resolve(answer)
        },
        (error: unknown) => {
          this.#refusals.free(slot)
          reject(error)
        },
      )
    })
  }
}
