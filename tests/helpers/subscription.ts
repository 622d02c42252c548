import { createTRPCClient, httpSubscriptionLink, TRPCClientError, type TRPCClient } from '@trpc/client'
import { EventSource } from 'eventsource'
import type { AppRouter } from '../../app/trpc/router.ts'
import { postingEventSource } from '../../sdk/src/event-source.ts'

/** How an EventSource reaches the server: with POST, or as the browser's own does. */
export type Way = 'POST' | 'GET'

/** A client of subscriptions only, with these headers on every request. */
export const subscriptionClient = (url: string, headers: Record<string, string>, way: Way = 'POST'): TRPCClient<AppRouter> =>
  createTRPCClient<AppRouter>({
    links: [
      httpSubscriptionLink({
        url: `${url}/trpc`,
        EventSource,
        eventSourceOptions:
          way === 'POST'
            ? postingEventSource(headers)
            : { fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...headers } }) },
      }),
    ],
  })

interface Handlers<T> {
  onData(event: { id: string; data: T }): void
  onError(error: unknown): void
  onComplete(): void
}

/** What a subscription has brought so far, and how it ended. */
export class Watch<T> {
  readonly events: { id: string; data: T }[] = []
  readonly #ended = Promise.withResolvers<TRPCClientError<AppRouter> | undefined>()
  readonly #subscription: { unsubscribe(): void }
  #look = () => {}

  constructor(subscribe: (handlers: Handlers<T>) => { unsubscribe(): void }) {
    this.#subscription = subscribe({
      onData: (event) => {
        this.events.push(event)
        this.#look()
      },
      onError: (error) => this.#ended.resolve(error as TRPCClientError<AppRouter>),
      onComplete: () => this.#ended.resolve(undefined),
    })
  }

  get data(): T[] {
    return this.events.map(({ data }) => data)
  }

  /** The error it ended with; undefined when it came to its end. */
  get ended(): Promise<TRPCClientError<AppRouter> | undefined> {
    return this.#ended.promise
  }

  /** Resolves once what has come satisfies the condition. */
  until(isMet: (data: T[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => isMet(this.data) && resolve()
      this.#look()
    })
  }

  stop(): void {
    this.#subscription.unsubscribe()
  }
}
