import type { Charge, Invoice, Price, Session, State, Subscription } from './state.ts'

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
  /** Subscriptions whose customers were told that the trial ends. */
  readonly #told = new Set<string>()

  constructor(state: State) {
    this.#state = state
  }

  /** Somebody pays at the page of a session, or leaves a card there for after the trial. */
  complete(session: Session, { email, isDelayed = false }: { email: string; isDelayed?: boolean }): void {
    const state = this.#state
    const { prices, trialDays, metadata } = state.plans.get(session.id)!
    session.customer ??= this.#newCustomer(email)
    session.customer_details = { email }
    session.status = 'complete'
    if (session.mode === 'subscription') {
      const subscription = this.#begin(session.customer, prices, trialDays, metadata)
      session.subscription = subscription.id
      session.payment_status = trialDays > 0 ? 'no_payment_required' : 'paid'
    } else if (isDelayed) {
      session.payment_intent = this.#newIntent(session.customer, session.amount_total!, session.currency!, metadata, false)
    } else {
      session.payment_intent = this.#newIntent(session.customer, session.amount_total!, session.currency!, metadata, true)
      session.payment_status = 'paid'
    }
    state.emit('checkout.session.completed', session)
  }

  /** A payment that takes days has come, or not. */
  settle(session: Session, succeeds: boolean): void {
    const intent = this.#state.paymentIntents.get(session.payment_intent!)!
    if (succeeds) {
      session.payment_status = 'paid'
      this.#charge(intent.id)
    } else intent.status = 'requires_payment_method'
    this.#state.emit(succeeds ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', session)
  }

  /** Plays everything that is due up to a time, in order. */
  advanceTo(until: number): void {
    for (let due = this.#nextDue(); due && due.at <= until; due = this.#nextDue()) {
      this.#state.now = Math.max(this.#state.now, due.at)
      due.happens()
    }
    this.#state.now = until
  }

  cancel(subscription: Subscription): void {
    Object.assign(subscription, { status: 'canceled', canceled_at: this.#state.now, ended_at: this.#state.now })
    this.#state.emit('customer.subscription.deleted', subscription)
  }

  /** The subscription changes to another price; what is left of the period is charged or credited at once. */
  changePrice(subscription: Subscription, price: Price, waitsForPayment: boolean): void {
    const item = subscription.items.data[0]!
    const { current_period_start: start, current_period_end: end } = item
    const part = (end - this.#state.now) / (end - start)
    const difference = Math.round(((price.unit_amount ?? 0) - (item.price.unit_amount ?? 0)) * part)
    const owed = subscription.status === 'trialing' ? 0 : Math.max(0, difference)
    const invoice = this.#newInvoice(subscription, owed, 'subscription_update')
    if (owed > 0 && waitsForPayment && this.#state.declined.has(subscription.customer)) {
      subscription.pending_update = { expires_at: this.#state.now + 23 * HOUR } as Subscription['pending_update']
      invoice.attemptAt = null
      return this.#refuse(invoice)
    }
    item.price = price
    this.#state.emit('customer.subscription.updated', subscription)
    this.#collect(invoice)
  }

  /** Gives back what a charge took, or a part of it. */
  refund(charge: Charge, amount: number) {
    const { state, refund } = {
      state: this.#state,
      refund: {
        id: this.#state.id('re'),
        object: 'refund' as const,
        amount,
        currency: charge.currency,
        status: 'succeeded',
        created: this.#state.now,
        charge: charge.id,
        payment_intent: charge.payment_intent,
      },
    }
    state.refunds.set(refund.id, refund)
    charge.amount_refunded += amount
    charge.refunded = charge.amount_refunded === charge.amount
    state.emit('refund.created', refund)
    state.emit('charge.refunded', charge)
    return refund
  }

  /** The bank of the payer takes the money back. @returns the id of the dispute. */
  dispute(charge: Charge): string {
    const { id: chargeId, amount, currency, payment_intent } = charge
    const id = this.#state.id('dp')
    charge.disputed = true
    const dispute = { id, object: 'dispute', amount, currency, status: 'needs_response', charge: chargeId, payment_intent } as const
    this.#state.disputes.set(id, { ...dispute, created: this.#state.now })
    this.#state.emit('charge.dispute.created', this.#state.disputes.get(id)!)
    this.#state.emit('charge.dispute.funds_withdrawn', this.#state.disputes.get(id)!)
    return id
  }

  closeDispute(id: string, status: 'won' | 'lost'): void {
    const dispute = this.#state.disputes.get(id)!
    dispute.status = status
    this.#state.emit('charge.dispute.closed', dispute)
    if (status === 'won') this.#state.emit('charge.dispute.funds_reinstated', dispute)
  }

  #nextDue(): { at: number; happens(): void } | undefined {
    const due: { at: number; happens(): void }[] = []
    for (const invoice of this.#state.invoices.values())
      if (invoice.attemptAt !== null) due.push({ at: invoice.attemptAt, happens: () => this.#collect(invoice) })
    for (const subscription of this.#state.subscriptions.values()) {
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
    invoice.attemptAt = this.#state.now + HOUR
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
      invoice.attemptAt = state.now + days * DAY
      if (subscription.status === 'past_due') return
      subscription.status = 'past_due'
      return state.emit('customer.subscription.updated', subscription)
    }
    Object.assign(invoice, { status: 'paid', amount_paid: invoice.amount_due })
    invoice.attempt_count += 1
    if (invoice.amount_due > 0) this.#newIntent(invoice.customer, invoice.amount_due, invoice.currency, {}, true)
    state.emit('invoice.paid', invoice)
    state.emit('invoice.payment_succeeded', invoice)
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
    const { now } = this.#state
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

  #newInvoice(
    { id: subscription, customer, currency, metadata }: Subscription,
    amount: number,
    reason: Invoice['billing_reason'],
  ): Invoice {
    const id = this.#state.id('in')
    const invoice: Invoice = {
      id,
      object: 'invoice',
      status: 'draft',
      currency,
      total: amount,
      amount_due: amount,
      amount_paid: 0,
      number: `AGENT-${this.#state.invoices.size + 1}`,
      hosted_invoice_url: `https://invoice.stripe.com/i/${id}`,
      invoice_pdf: `https://pay.stripe.com/invoice/${id}/pdf`,
      created: this.#state.now,
      attempt_count: 0,
      billing_reason: reason,
      customer,
      customer_email: this.#state.customers.get(customer)!.email,
      parent: { type: 'subscription_details', subscription_details: { subscription, metadata } },
      attemptAt: null,
    }
    this.#state.invoices.set(id, invoice)
    this.#state.subscriptions.get(subscription)!.latest_invoice = id
    this.#state.emit('invoice.created', invoice)
    return invoice
  }

  #newCustomer(email: string): string {
    const id = this.#state.id('cus')
    this.#state.customers.set(id, { id, object: 'customer', email, metadata: {}, created: this.#state.now })
    this.#state.emit('customer.created', this.#state.customers.get(id)!)
    return id
  }

  #newIntent(customer: string, amount: number, currency: string, metadata: Record<string, string>, isPaid: boolean): string {
    const id = this.#state.id('pi')
    const status = isPaid ? 'succeeded' : 'processing'
    const { now: created } = this.#state
    const intent = { id, object: 'payment_intent', amount, currency, metadata, status, created, customer, latest_charge: null } as const
    this.#state.paymentIntents.set(id, { ...intent })
    if (isPaid) this.#charge(id)
    return id
  }

  #charge(intentId: string): void {
    const intent = this.#state.paymentIntents.get(intentId)!
    const { amount, currency, customer } = intent
    const charge: Charge = {
      id: this.#state.id('ch'),
      object: 'charge',
      amount,
      amount_refunded: 0,
      currency,
      metadata: intent.metadata,
      status: 'succeeded',
      disputed: false,
      refunded: false,
      created: this.#state.now,
      payment_intent: intentId,
      customer,
    }
    this.#state.charges.set(charge.id, charge)
    Object.assign(intent, { status: 'succeeded', latest_charge: charge.id })
    this.#state.emit('payment_intent.succeeded', intent)
    this.#state.emit('charge.succeeded', charge)
  }
}
