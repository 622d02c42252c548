import type Stripe from 'stripe'

/** The fields that are read of each thing, as the SDK declares them. */
export type Customer = Pick<Stripe.Customer, 'id' | 'object' | 'email' | 'metadata' | 'created'> & { test_clock: string | null }
export type TestClock = Pick<
  Stripe.TestHelpers.TestClock,
  'id' | 'object' | 'created' | 'deletes_after' | 'frozen_time' | 'livemode' | 'name' | 'status' | 'status_details'
>
export type Price = Pick<
  Stripe.Price,
  'id' | 'object' | 'active' | 'currency' | 'unit_amount' | 'type' | 'product' | 'recurring' | 'metadata'
>
export interface Item extends Pick<
  Stripe.SubscriptionItem,
  'id' | 'object' | 'quantity' | 'current_period_start' | 'current_period_end' | 'metadata'
> {
  price: Price
}
export interface Subscription extends Pick<
  Stripe.Subscription,
  | 'id'
  | 'object'
  | 'status'
  | 'metadata'
  | 'created'
  | 'cancel_at_period_end'
  | 'cancel_at'
  | 'canceled_at'
  | 'ended_at'
  | 'trial_end'
  | 'currency'
> {
  customer: string
  test_clock: string | null
  latest_invoice: string | null
  items: { object: 'list'; data: Item[]; has_more: false; url: string }
  pending_update: Stripe.Subscription['pending_update']
}
export type Session = Pick<
  Stripe.Checkout.Session,
  | 'id'
  | 'object'
  | 'mode'
  | 'status'
  | 'payment_status'
  | 'metadata'
  | 'url'
  | 'currency'
  | 'amount_total'
  | 'amount_subtotal'
  | 'client_reference_id'
  | 'customer_email'
  | 'expires_at'
  | 'created'
  | 'success_url'
  | 'cancel_url'
> & {
  customer: string | null
  subscription: string | null
  payment_intent: string | null
  customer_details: { email: string | null } | null
  total_details: { amount_tax: number; amount_discount: number; amount_shipping: number } | null
}
export interface Invoice extends Pick<
  Stripe.Invoice,
  | 'id'
  | 'object'
  | 'status'
  | 'currency'
  | 'total'
  | 'amount_due'
  | 'amount_paid'
  | 'number'
  | 'hosted_invoice_url'
  | 'invoice_pdf'
  | 'created'
  | 'attempt_count'
  | 'billing_reason'
> {
  customer: string
  customer_email: string | null
  parent: { type: 'subscription_details'; subscription_details: { subscription: string; metadata: Stripe.Metadata } } | null
  /** Of the fake: when Stripe tries to take the money, or tries again. */
  attemptAt: number | null
  /** Of the fake: the charge it was paid by. */
  charge: string | null
}
export type PaymentIntent = Pick<Stripe.PaymentIntent, 'id' | 'object' | 'amount' | 'currency' | 'metadata' | 'status' | 'created'> & {
  customer: string | null
  latest_charge: string | null
}
export type Charge = Pick<
  Stripe.Charge,
  'id' | 'object' | 'amount' | 'amount_refunded' | 'currency' | 'metadata' | 'status' | 'disputed' | 'refunded' | 'created'
> & { payment_intent: string; customer: string | null }
export type Refund = Pick<Stripe.Refund, 'id' | 'object' | 'amount' | 'currency' | 'status' | 'created'> & {
  charge: string
  payment_intent: string
}
export type Dispute = Pick<Stripe.Dispute, 'id' | 'object' | 'amount' | 'currency' | 'status' | 'created'> & {
  charge: string
  payment_intent: string
}

export interface StripeEvent {
  id: string
  object: 'event'
  type: string
  created: number
  livemode: false
  data: { object: object }
}

/** All that the fake has, by id, and the time it thinks it is. */
export class State {
  /** Unix time; customers in a test clock have their own. */
  now = Math.floor(Date.now() / 1000)
  readonly clocks = new Map<string, TestClock>()
  readonly customers = new Map<string, Customer>()
  readonly products = new Map<string, { id: string; object: 'product'; name: string }>()
  readonly prices = new Map<string, Price>()
  readonly sessions = new Map<string, Session>()
  readonly subscriptions = new Map<string, Subscription>()
  readonly invoices = new Map<string, Invoice>()
  readonly paymentIntents = new Map<string, PaymentIntent>()
  readonly charges = new Map<string, Charge>()
  readonly refunds = new Map<string, Refund>()
  readonly disputes = new Map<string, Dispute>()
  /** Pages of the portal, and whose they are. */
  readonly portals = new Map<string, string>()
  /** Newest last. */
  readonly events: StripeEvent[] = []
  /** Customers whose card is refused from now on. */
  readonly declined = new Set<string>()
  /** Of sessions: what they will make, which is in no answer. */
  readonly plans = new Map<string, { prices: Price[]; trialDays: number; metadata: Record<string, string> }>()
  /** Of customers: what is taken off their next invoices. */
  readonly #credits = new Map<string, number>()
  #ids = 0

  id(prefix: string): string {
    return `${prefix}_test${String(++this.#ids).padStart(6, '0')}`
  }

  /** The time in a clock; that of the world for null. */
  timeIn(clockId: string | null): number {
    return clockId === null ? this.now : this.clocks.get(clockId)!.frozen_time
  }

  setTime(clockId: string | null, time: number): void {
    if (clockId === null) this.now = time
    else this.clocks.get(clockId)!.frozen_time = time
  }

  /** The time of a thing, which is that of its customer. */
  timeOf({ customer }: { customer: string }): number {
    return this.timeIn(this.customers.get(customer)!.test_clock)
  }

  /** @returns what is due of an invoice, whose total is below zero where something is credited. */
  useCredit(customerId: string, total: number): number {
    const left = total - (this.#credits.get(customerId) ?? 0)
    this.#credits.set(customerId, Math.max(0, -left))
    return Math.max(0, left)
  }

  addCustomer({ email = null, metadata = {}, test_clock = null }: Partial<Customer>): Customer {
    const id = this.id('cus')
    const customer: Customer = { id, object: 'customer', email, metadata, created: this.timeIn(test_clock), test_clock }
    this.customers.set(id, customer)
    this.emit('customer.created', customer)
    return customer
  }

  /** Says what happened, with the thing as it is in this moment. */
  emit(type: string, object: object): void {
    const event = { id: this.id('evt'), object: 'event', type, created: this.now, livemode: false, data: { object } } as const
    this.events.push(JSON.parse(JSON.stringify(event)) as StripeEvent)
  }
}
