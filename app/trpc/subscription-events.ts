interface Handlers<T> {
  onConnectionStateChange(state: { state: 'idle' | 'connecting' | 'pending'; error: unknown }): void
  onData(event: { data: T }): void
  onError(error: unknown): void
  onComplete(): void
}

/** How long a connection that broke is tried again before it counts as lost. */
const MAX_AWAY_MS = 20_000

/**
 * The events of a subscription, for `for await`. A server that cannot be reached at all is an error at once; one that was
 * reached, only when it stays away. Leaving the loop, or aborting, ends it on the server too.
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
      let isOver = false
      const end = (finish: () => void) => {
        if (!isOver) finish()
        isOver = true
      }
      const fail = (error: unknown) => end(() => controller.error(error))
      const abort = () => fail(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      let wasReached = false
      let away: ReturnType<typeof setTimeout> | undefined
      const subscription = subscribe({
        onConnectionStateChange({ state, error }) {
          clearTimeout(away)
          if (state === 'pending') wasReached = true
          if (state !== 'connecting' || !error) return
          if (!wasReached) fail(error)
          else away = setTimeout(() => fail(error), MAX_AWAY_MS)
        },
        onData: ({ data }) => controller.enqueue(data),
        onError: fail,
        // Unsubscribing completes as well.
        onComplete: () => end(() => controller.close()),
      })
      leave = () => {
        clearTimeout(away)
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
