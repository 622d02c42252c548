import type { Life } from './life.ts'
import type { State, Subscription } from './state.ts'

/** The page where a customer looks after what they pay for: what they do there happens at once. */
export class Portal {
  readonly #state: State
  readonly #life: Life
  readonly #customer: string

  /** @param url Where the page is; it has to be one that was asked for. */
  constructor(state: State, life: Life, url: string) {
    const customer = state.portals.get(new URL(url).pathname.split('/').at(-1)!)
    if (customer === undefined) throw new Error(`There is no page of the portal at ${url}.`)
    this.#state = state
    this.#life = life
    this.#customer = customer
  }

  /** They leave: what was paid for they keep. */
  cancel(): void {
    this.#life.endAtPeriodEnd(this.#running(), true)
  }

  /** They stay after all. */
  renew(): void {
    this.#life.endAtPeriodEnd(this.#running(), false)
  }

  /** Another plan of the operator's, by the product it is. What it costs more is charged when they confirm. */
  changeTo(product: string): void {
    const subscription = this.#running()
    const price = [...this.#state.prices.values()].find((one) => one.product === product)
    if (!price) throw new Error(`There is no price of ${product}.`)
    this.#life.changePrice(subscription, price, true)
  }

  /** They give another card, which works or is refused from now on. */
  useCard(works: boolean): void {
    if (works) this.#state.declined.delete(this.#customer)
    else this.#state.declined.add(this.#customer)
  }

  /** They pay what is open. */
  payOpenInvoices(): void {
    for (const invoice of this.#state.invoices.values())
      if (invoice.customer === this.#customer && invoice.status === 'open') this.#life.payInvoice(invoice)
  }

  #running(): Subscription {
    const all = [...this.#state.subscriptions.values()]
    const found = all.find(({ customer, status }) => customer === this.#customer && status !== 'canceled')
    if (!found) throw new Error(`${this.#customer} pays for nothing.`)
    return found
  }
}
