import type { Payments } from './payments.ts'
import type { Invoice, Price, Session, State, Subscription } from './state.ts'

const HOUR = 3600
const DAY = 24 * HOUR
/** When Stripe tries again to take what a card refused, after each attempt; after the last it cancels. */
const RETRY_DAYS = [3, 5, 7]

/** A month later, on the same day where that month has it. */
export function addMonth(seconds: number): number {
  const from = new Date(seconds * 1000)
  const to = new Date(from)
  to.setUTCMonth(to.getUTCMonth() + 1)
  if (to.getUTCDate() !== from.getUTCDate()) to.setUTCDate(0)
  return to.getTime() / 1000
}

/** The part of Stripe that happens by itself: what a payment brings about, and what time does. */
export class Life {
  readonly #state: State
  readonly #payments: Payments
  /** Subscriptions whose customers were told that the trial ends. */
  readonly #told = new Set<string>()
  /** Changes that wait for their invoice to be paid. */
  readonly #waiting = new Map<Invoice, Price>()

  constructor(state: State, payments: Payments) {
    this.#state = state
    this.#payments = payments
  }

  /** Somebody pays at the page of a session, or leaves a card there for after the trial. */
  complete(session: Session, { email, isDelayed = false }: { email: string; isDelayed?: boolean }): void {
    const state = this.#state
    const { prices, trialDays, metadata } = state.plans.get(session.id)!
    session.customer ??= this.#state.addCustomer({ email }).id
    session.customer_details = { email }
    session.status = 'complete'
    if (session.mode === 'subscription') {
      const subscription = this.#begin(session.customer, prices, trialDays, metadata)
      session.subscription = subscription.id
      session.payment_status = trialDays > 0 ? 'no_payment_required' : 'paid'
    } else {
      const { customer, amount_total: amount, currency } = session
      session.payment_intent = this.#payments.begin({ customer, amount: amount!, currency: currency!, metadata })
      if (!isDelayed) {
        this.#payments.charge(session.payment_intent)
        session.payment_status = 'paid'
      }
    }
    state.emit('checkout.session.completed', session)
  }

  /** A payment that takes days has come, or not. */
  settle(session: Session, succeeds: boolean): void {
    const intent = this.#state.paymentIntents.get(session.payment_intent!)!
    if (succeeds) {
      session.payment_status = 'paid'
      this.#payments.charge(intent.id)
    } else intent.status = 'requires_payment_method'
    this.#state.emit(succeeds ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', session)
  }

  /** Plays everything that is due up to a time, in order: of the customers in a clock, or of those that are in none. */
  advanceTo(until: number, clockId: string | null = null): void {
    for (let due = this.#nextDue(clockId); due && due.at <= until; due = this.#nextDue(clockId)) {
      this.#state.setTime(clockId, Math.max(this.#state.timeIn(clockId), due.at))
      due.happens()
    }
    this.#state.setTime(clockId, until)
  }

  /** Somebody pays an invoice at its page, before Stripe tries again. */
  payInvoice(invoice: Invoice): void {
    if (invoice.status !== 'open') throw new Error(`The invoice is ${invoice.status}.`)
    this.#collect(invoice)
  }

  /** It ends when what was paid for is over; or goes on all the same. */
  endAtPeriodEnd(subscription: Subscription, ends: boolean): void {
    Object.assign(subscription, { cancel_at_period_end: ends, canceled_at: ends ? this.#state.timeOf(subscription) : null })
    this.#state.emit('customer.subscription.updated', subscription)
  }

  cancel(subscription: Subscription): void {
    const now = this.#state.timeOf(subscription)
    Object.assign(subscription, { status: 'canceled', canceled_at: now, ended_at: now })
    this.#state.emit('customer.subscription.deleted', subscription)
  }

  /** The subscription changes to another price; what is left of the period is charged or credited at once. */
  changePrice(subscription: Subscription, price: Price, waitsForPayment: boolean): void {
    const item = subscription.items.data[0]!
    const { current_period_start: start, current_period_end: end } = item
    const now = this.#state.timeOf(subscription)
    const part = (end - now) / (end - start)
    const difference = Math.round(((price.unit_amount ?? 0) - (item.price.unit_amount ?? 0)) * part)
    const invoice = this.#newInvoice(subscription, subscription.status === 'trialing' ? 0 : difference, 'subscription_update')
    if (invoice.amount_due > 0 && waitsForPayment && this.#state.declined.has(subscription.customer)) {
      subscription.pending_update = { expires_at: now + 23 * HOUR } as Subscription['pending_update']
      this.#waiting.set(invoice, price)
      return this.#refuse(invoice)
    }
    item.price = price
    this.#state.emit('customer.subscription.updated', subscription)
    this.#collect(invoice)
  }

  #nextDue(clockId: string | null): { at: number; happens(): void } | undefined {
    const due: { at: number; happens(): void }[] = []
    const isIn = ({ customer }: { customer: string }) => this.#state.customers.get(customer)!.test_clock === clockId
    for (const invoice of [...this.#state.invoices.values()].filter(isIn))
      if (invoice.attemptAt !== null) due.push({ at: invoice.attemptAt, happens: () => this.#collect(invoice) })
    for (const subscription of [...this.#state.subscriptions.values()].filter(isIn)) {
      if (subscription.status === 'canceled' || subscription.status === 'unpaid') continue
      const end = subscription.items.data[0]!.current_period_end
      if (subscription.status === 'trialing' && !this.#told.has(subscription.id))
        due.push({ at: end - 3 * DAY, happens: () => this.#tellOfEnd(subscription) })
      due.push({ at: end, happens: () => this.#renew(subscription) })
    }
    return due.sort((a, b) => a.at - b.at)[0]
  }

  #tellOfEnd(subscription: Subscription): void {
    this.#told.add(subscription.id)
    this.#state.emit('customer.subscription.trial_will_end', subscription)
  }

  /** A period is over: the next one begins, and its invoice is a draft for an hour. */
  #renew(subscription: Subscription): void {
    if (subscription.cancel_at_period_end) return this.cancel(subscription)
    const item = subscription.items.data[0]!
    item.current_period_start = item.current_period_end
    item.current_period_end = addMonth(item.current_period_end)
    if (subscription.status === 'trialing') subscription.status = 'active'
    this.#state.emit('customer.subscription.updated', subscription)
    const invoice = this.#newInvoice(subscription, item.price.unit_amount!, 'subscription_cycle')
    invoice.attemptAt = this.#state.timeOf(subscription) + HOUR
  }

  #collect(invoice: Invoice): void {
    const state = this.#state
    const subscription = state.subscriptions.get(invoice.parent!.subscription_details.subscription)!
    invoice.attemptAt = null
    if (invoice.status === 'draft') {
      invoice.status = 'open'
      state.emit('invoice.finalized', invoice)
    }
    if (invoice.amount_due > 0 && state.declined.has(invoice.customer)) {
      this.#refuse(invoice)
      const days = RETRY_DAYS[invoice.attempt_count - 1]
      if (days === undefined) return this.cancel(subscription)
      invoice.attemptAt = state.timeOf(subscription) + days * DAY
      if (subscription.status === 'past_due') return
      subscription.status = 'past_due'
      return state.emit('customer.subscription.updated', subscription)
    }
    Object.assign(invoice, { status: 'paid', amount_paid: invoice.amount_due })
    invoice.attempt_count += 1
    if (invoice.amount_due > 0)
      invoice.charge = this.#payments.charge(this.#payments.begin({ ...invoice, amount: invoice.amount_due, metadata: {} }))
    state.emit('invoice.paid', invoice)
    state.emit('invoice.payment_succeeded', invoice)
    const change = this.#waiting.get(invoice)
    if (change) {
      this.#waiting.delete(invoice)
      subscription.items.data[0]!.price = change
      subscription.pending_update = null
      state.emit('customer.subscription.updated', subscription)
    }
    if (subscription.status !== 'past_due') return
    subscription.status = 'active'
    state.emit('customer.subscription.updated', subscription)
  }

  #refuse(invoice: Invoice): void {
    invoice.status = 'open'
    invoice.attempt_count += 1
    this.#state.emit('invoice.payment_failed', invoice)
  }

  #begin(customer: string, prices: Price[], trialDays: number, metadata: Record<string, string>): Subscription {
    const now = this.#state.timeOf({ customer })
    const end = trialDays > 0 ? now + trialDays * DAY : addMonth(now)
    const id = this.#state.id('sub')
    const subscription: Subscription = {
      id,
      object: 'subscription',
      status: trialDays > 0 ? 'trialing' : 'active',
      metadata,
      created: now,
      cancel_at_period_end: false,
      cancel_at: null,
      canceled_at: null,
      ended_at: null,
      trial_end: trialDays > 0 ? end : null,
      currency: prices[0]!.currency,
      customer,
      test_clock: this.#state.customers.get(customer)!.test_clock,
      latest_invoice: null,
      pending_update: null,
      items: {
        object: 'list',
        has_more: false,
        url: `/v1/subscription_items?subscription=${id}`,
        data: prices.map((price) => ({
          id: this.#state.id('si'),
          object: 'subscription_item',
          price,
          quantity: 1,
          current_period_start: now,
          current_period_end: end,
          metadata: {},
        })),
      },
    }
    this.#state.subscriptions.set(id, subscription)
    this.#state.emit('customer.subscription.created', subscription)
    const amount = trialDays > 0 ? 0 : prices.reduce((sum, { unit_amount }) => sum + (unit_amount ?? 0), 0)
    this.#collect(this.#newInvoice(subscription, amount, 'subscription_create'))
    return subscription
  }

  #newInvoice({ id: subscription, customer, currency, metadata }: Subscription, total: number, reason: Invoice['billing_reason']): Invoice {
    const id = this.#state.id('in')
    const amount = this.#state.useCredit(customer, total)
    const invoice: Invoice = {
      id,
      object: 'invoice',
      status: 'draft',
      currency,
      total,
      amount_due: amount,
      amount_paid: 0,
      number: `AGENT-${this.#state.invoices.size + 1}`,
      hosted_invoice_url: `https://invoice.stripe.com/i/${id}`,
      invoice_pdf: `https://pay.stripe.com/invoice/${id}/pdf`,
      created: this.#state.timeOf({ customer }),
      attempt_count: 0,
      billing_reason: reason,
      customer,
      customer_email: this.#state.customers.get(customer)!.email,
      parent: { type: 'subscription_details', subscription_details: { subscription, metadata } },
      attemptAt: null,
      charge: null,
    }
    this.#state.invoices.set(id, invoice)
    this.#state.subscriptions.get(subscription)!.latest_invoice = id
    this.#state.emit('invoice.created', invoice)
    return invoice
  }
}
