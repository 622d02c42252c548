interface Handlers<T> {
  onData(event: { data: T }): void
  onError(error: unknown): void
  onComplete(): void
}

/**
 * The events of a subscription, for `for await`. Leaving the loop, or aborting, ends it on the server too.
 *
 * @param subscribe Such as `(handlers) => client.agents.events.subscribe({}, handlers)`.
 * @throws TRPCClientError when it fails; the reason of `signal`.
 */
export async function* eventsOf<T>(
  signal: AbortSignal,
  subscribe: (handlers: Handlers<T>) => { unsubscribe(): void },
): AsyncGenerator<T, void> {
  signal.throwIfAborted()
  let leave: () => void = () => {}
  const reader = new ReadableStream<T>({
    start(controller) {
      const abort = () => controller.error(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      const subscription = subscribe({
        onData: ({ data }) => controller.enqueue(data),
        onError: (error) => controller.error(error),
        // Unsubscribing completes as well.
        onComplete: () => !signal.aborted && controller.close(),
      })
      leave = () => {
        signal.removeEventListener('abort', abort)
        subscription.unsubscribe()
      }
    },
  }).getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    leave()
  }
}
