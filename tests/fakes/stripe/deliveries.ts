import Stripe from 'stripe'
import type { State, StripeEvent } from './state.ts'

interface Delivery {
  /** Every event so many times. */
  times?: number
  /** Puts them in another order. */
  shuffle?: (events: StripeEvent[]) => StripeEvent[]
  /** Sent at the same moment; one after the other when left out. */
  atOnce?: boolean
}

/** Sends what happened to the address of the server. What was not taken is sent again the next time. */
export class Deliveries {
  readonly #state: State
  readonly #secret: string
  readonly #taken = new Set<string>()

  constructor(state: State, secret: string) {
    this.#state = state
    this.#secret = secret
  }

  get pending(): StripeEvent[] {
    return this.#state.events.filter(({ id }) => !this.#taken.has(id))
  }

  /** Loses everything that was not delivered yet. */
  drop(): void {
    for (const { id } of this.#state.events) this.#taken.add(id)
  }

  /** @param url Where webhooks go. @returns the statuses of the answers. */
  async deliver(url: string, { times = 1, shuffle = (events) => events, atOnce = false }: Delivery = {}): Promise<number[]> {
    const events = shuffle(this.pending.flatMap((event) => Array.from({ length: times }, () => event)))
    if (atOnce) return Promise.all(events.map((event) => this.send(url, event)))
    const statuses: number[] = []
    for (const event of events) statuses.push(await this.send(url, event))
    return statuses
  }

  /** @returns the status of the answer. */
  async send(url: string, event: StripeEvent): Promise<number> {
    const payload = JSON.stringify(event)
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: this.#secret })
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature }
    const response = await fetch(url, { method: 'POST', headers, body: payload })
    await response.arrayBuffer()
    if (response.ok) this.#taken.add(event.id)
    return response.status
  }
}
