import { invalid, noSuch } from './problems.ts'
import type { Price, Session, State } from './state.ts'

type Parameters = Record<string, unknown>

const HOUR = 3600

/** The page that is asked for, with all that Stripe refuses. */
export function newSession(state: State, parameters: Parameters): Session {
  const { mode, line_items, success_url, cancel_url, customer, customer_email, metadata = {}, subscription_data = {} } = parameters
  if (mode !== 'payment' && mode !== 'subscription') throw invalid('You must provide a mode.', { param: 'mode' })
  if (!Array.isArray(line_items) || line_items.length === 0)
    throw invalid('`line_items` is required in this mode.', { param: 'line_items' })
  if (!success_url) throw invalid('You must provide a success_url.', { param: 'success_url' })
  if (customer && customer_email) throw invalid('You may only specify one of these parameters: customer, customer_email.')
  if (customer && !state.customers.has(customer as string)) throw noSuch('customer', customer as string)
  const prices = (line_items as Parameters[]).map((item) => priceOf(state, item))
  if (mode === 'payment' && prices.some(({ type }) => type === 'recurring'))
    throw invalid('You specified `payment` mode but passed a recurring price.')
  if (mode === 'subscription' && prices.every(({ type }) => type !== 'recurring'))
    throw invalid('You must provide at least one recurring price in `subscription` mode when using prices.')
  if (prices.some(({ currency }) => currency !== prices[0]!.currency)) throw invalid('All line items must have the same currency.')
  const inside = (mode === 'subscription' ? subscription_data : (parameters.payment_intent_data ?? {})) as Parameters
  if (mode === 'payment' && 'subscription_data' in parameters) throw invalid('You can not pass `subscription_data` in `payment` mode.')
  if (mode === 'subscription' && 'payment_intent_data' in parameters)
    throw invalid('You can not pass `payment_intent_data` in `subscription` mode.')
  const trialDays = (inside.trial_period_days as number | undefined) ?? 0
  const amount = trialDays > 0 ? 0 : prices.reduce((sum, { unit_amount }) => sum + (unit_amount ?? 0), 0)
  const id = state.id('cs_test')
  state.plans.set(id, { prices, trialDays, metadata: (inside.metadata ?? {}) as Record<string, string> })
  const session = {
    id,
    object: 'checkout.session',
    mode,
    status: 'open',
    payment_status: 'unpaid',
    metadata,
    url: `https://checkout.stripe.com/c/pay/${id}`,
    currency: prices[0]!.currency,
    amount_total: amount,
    amount_subtotal: amount,
    client_reference_id: parameters.client_reference_id ?? null,
    customer: customer ?? null,
    customer_email: customer_email ?? null,
    customer_details: null,
    expires_at: state.now + 24 * HOUR,
    created: state.now,
    success_url,
    cancel_url: cancel_url ?? null,
    subscription: null,
    payment_intent: null,
    total_details: { amount_tax: 0, amount_discount: 0, amount_shipping: 0 },
  } as Session
  state.sessions.set(id, session)
  return session
}

/** The price an item names, or describes. */
export function priceOf(state: State, { price, price_data }: Parameters): Price {
  if (typeof price === 'string') {
    const known = state.prices.get(price)
    if (!known) throw noSuch('price', price)
    if (!known.active) throw invalid(`The price specified is inactive. This field only accepts active prices.`)
    return known
  }
  const { currency, unit_amount, recurring, product, product_data } = price_data as Parameters & { unit_amount?: number }
  if (unit_amount === undefined || unit_amount < 0)
    throw invalid('This value must be greater than or equal to 0.', { param: 'unit_amount' })
  if (product && product_data) throw invalid('You may only specify one of these parameters: product, product_data.')
  if (product && !state.products.has(product as string)) throw noSuch('product', product as string)
  if (!product && !product_data) throw invalid('You must specify either `product` or `product_data` when creating a price.')
  const made = {
    id: state.id('price'),
    object: 'price',
    active: true,
    currency,
    unit_amount,
    type: recurring ? 'recurring' : 'one_time',
    product: product ?? state.id('prod'),
    recurring: recurring ?? null,
    metadata: {},
  } as Price
  state.prices.set(made.id, made)
  return made
}
