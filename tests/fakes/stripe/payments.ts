import type { Charge, Dispute, State } from './state.ts'

interface NewPayment {
  customer: string
  amount: number
  currency: string
  metadata: Record<string, string>
}

/** What was paid, and what goes back of it. Its times are those of the world: no clock moves them. */
export class Payments {
  readonly #state: State

  constructor(state: State) {
    this.#state = state
  }

  /** A payment that has not arrived yet. @returns its id. */
  begin({ customer, amount, currency, metadata }: NewPayment): string {
    const id = this.#state.id('pi')
    const created = this.#state.now
    const intent = { id, object: 'payment_intent', amount, currency, metadata, status: 'processing', created } as const
    this.#state.paymentIntents.set(id, { ...intent, customer, latest_charge: null })
    return id
  }

  /** It arrives. @returns the id of the charge. */
  charge(intentId: string): string {
    const intent = this.#state.paymentIntents.get(intentId)!
    const { amount, currency, customer, metadata } = intent
    const charge: Charge = {
      id: this.#state.id('ch'),
      object: 'charge',
      amount,
      amount_refunded: 0,
      currency,
      metadata,
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
    return charge.id
  }

  /** The charge of a payment that has arrived. */
  chargeOf(intentId: string | null): Charge {
    return this.#state.charges.get(this.#state.paymentIntents.get(intentId!)!.latest_charge!)!
  }

  /** Gives back what a charge took, or a part of it. */
  refund(charge: Charge, amount = charge.amount - charge.amount_refunded) {
    const refund = {
      id: this.#state.id('re'),
      object: 'refund' as const,
      amount,
      currency: charge.currency,
      status: 'succeeded',
      created: this.#state.now,
      charge: charge.id,
      payment_intent: charge.payment_intent,
    }
    this.#state.refunds.set(refund.id, refund)
    charge.amount_refunded += amount
    charge.refunded = charge.amount_refunded === charge.amount
    this.#state.emit('refund.created', refund)
    this.#state.emit('charge.refunded', charge)
    return refund
  }

  /** The bank of the payer takes the money back. @returns the id of the dispute. */
  dispute(charge: Charge): string {
    const { id: chargeId, amount, currency, payment_intent } = charge
    const id = this.#state.id('dp')
    charge.disputed = true
    const facts = { id, object: 'dispute', amount, currency, status: 'needs_response', charge: chargeId, payment_intent } as const
    const dispute: Dispute = { ...facts, created: this.#state.now }
    this.#state.disputes.set(id, dispute)
    this.#state.emit('charge.dispute.created', dispute)
    this.#state.emit('charge.dispute.funds_withdrawn', dispute)
    return id
  }

  closeDispute(id: string, status: 'won' | 'lost'): void {
    const dispute = this.#state.disputes.get(id)!
    dispute.status = status
    this.#state.emit('charge.dispute.closed', dispute)
    if (status === 'won') this.#state.emit('charge.dispute.funds_reinstated', dispute)
  }
}
