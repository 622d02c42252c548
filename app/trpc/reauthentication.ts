import type { TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { AppRouter } from './router.ts'

/** Lets one question at a time be put to the person who looks at the page; whoever asks meanwhile shares its answer. */
export class ReauthenticationQuestion {
  #answer: Promise<boolean> | undefined
  #settle: ((isProved: boolean) => void) | undefined
  #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Whether the question waits for its answer. */
  readonly isOpen = (): boolean => this.#answer !== undefined

  /** @returns whether the person has proved who they are. */
  ask(): Promise<boolean> {
    this.#answer ??= new Promise((settle) => (this.#settle = settle))
    this.#tell()
    return this.#answer
  }

  answer(isProved: boolean): void {
    this.#settle?.(isProved)
    this.#answer = undefined
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Puts the question when a call needs a fresh sign-in, and then makes the call again. */
export const reauthenticationLink =
  (question: ReauthenticationQuestion): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let isOver = false
      let call: { unsubscribe(): void } | undefined
      const attempt = (mayAsk: boolean) => {
        call = next(op).subscribe({
          next: (value) => observer.next(value),
          complete: () => observer.complete(),
          error: (error) => {
            if (!mayAsk || error.data?.appCode !== 'REAUTH_REQUIRED') return observer.error(error)
            void question.ask().then((isProved) => {
              if (isOver) return
              if (isProved) attempt(false)
              else observer.error(error)
            })
          },
        })
      }
      attempt(true)
      return () => {
        isOver = true
        call?.unsubscribe()
      }
    })
