import { newKey } from './idempotency-key.ts'

/**
 * `eventSourceOptions` of `httpSubscriptionLink`, for an EventSource that takes a `fetch`, such as that of the package
 * `eventsource`. Subscriptions are then sent with POST: their input may be long and is in no log of addresses, they can
 * have headers, and with the `Idempotency-Key` of each the server begins it once, however often the connection breaks.
 *
 * @param headers sent along, such as `authorization`. None are needed on pages of the server itself.
 */
export const postingEventSource =
  (headers: Record<string, string> = {}) =>
  (): { fetch(url: string | URL, request: RequestInit & { headers: Record<string, string> }): Promise<Response> } => {
    // A new one for each subscription; the EventSource keeps it for all the connections it makes.
    const added = { ...headers, 'content-type': 'application/json', 'idempotency-key': newKey() }
    return {
      fetch(url, { headers: own, ...request }) {
        const address = new URL(url)
        const body = address.searchParams.get('input') ?? '{}'
        address.searchParams.delete('input')
        return fetch(address, { ...request, method: 'POST', headers: { ...own, ...added }, body })
      },
    }
  }
