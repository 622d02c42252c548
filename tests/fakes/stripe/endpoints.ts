import type { Life } from './life.ts'
import { noSuch, StripeProblem } from './problems.ts'
import type { Price, Session, State } from './state.ts'

type Parameters = Record<string, unknown>
type Endpoint = (parameters: Parameters, id: string) => object

const HOUR = 3600
const invalid = (message: string, details: Record<string, unknown> = {}) =>
  new StripeProblem(400, 'invalid_request_error', message, details)

/** What each operation does, once its parameters were checked. */
export function endpoints(state: State, life: Life): Record<string, Endpoint> {
  const find = <T>(things: Map<string, T>, what: string, id: string): T => {
    const found = things.get(id)
    if (!found) throw noSuch(what, id)
    return found
  }
  return {
    'POST /v1/customers': ({ email = null, metadata = {} }) => {
      const customer = { id: state.id('cus'), object: 'customer', email, metadata, created: state.now } as never
      state.customers.set((customer as { id: string }).id, customer)
      state.emit('customer.created', customer)
      return customer
    },
    'GET /v1/customers/{id}': (_, id) => find(state.customers, 'customer', id),
    'POST /v1/products': ({ id = state.id('prod'), name }) => {
      if (state.products.has(id as string)) throw invalid(`Product already exists.`, { code: 'resource_already_exists', param: 'id' })
      const product = { id, object: 'product', name } as never
      state.products.set(id as string, product)
      return product
    },
    'GET /v1/prices/{id}': (_, id) => find(state.prices, 'price', id),
    'POST /v1/checkout/sessions': (parameters) => newSession(state, parameters),
    'GET /v1/checkout/sessions/{id}': ({ expand }, id) => expanded(state, find(state.sessions, 'checkout.session', id), expand),
    'GET /v1/checkout/sessions': (parameters) =>
      page(newestFirst(state.sessions).filter(matching(parameters, ['customer', 'payment_intent', 'status', 'subscription'])), parameters),
    'POST /v1/checkout/sessions/{id}/expire': (_, id) => {
      const session = find(state.sessions, 'checkout.session', id)
      if (session.status !== 'open') throw invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
      session.status = 'expired'
      state.emit('checkout.session.expired', session)
      return session
    },
    'POST /v1/billing_portal/sessions': ({ customer, return_url }) => {
      find(state.customers, 'customer', customer as string)
      const id = state.id('bps')
      return { id, object: 'billing_portal.session', customer, return_url, url: `https://billing.stripe.com/p/session/${id}` }
    },
    'GET /v1/subscriptions/{id}': (_, id) => find(state.subscriptions, 'subscription', id),
    'GET /v1/subscriptions': (parameters) => page(newestFirst(state.subscriptions).filter(matching(parameters, ['customer'])), parameters),
    'POST /v1/subscriptions/{id}': (parameters, id) => {
      const subscription = find(state.subscriptions, 'subscription', id)
      if (subscription.status === 'canceled')
        throw invalid('A canceled subscription can only update its cancellation_details and metadata.')
      const { items, payment_behavior, cancel_at_period_end, metadata } = parameters
      if (payment_behavior === 'pending_if_incomplete' && metadata !== undefined)
        throw invalid(`Passing 'metadata' is not supported when 'payment_behavior' is set to 'pending_if_incomplete'.`)
      if (metadata) subscription.metadata = { ...subscription.metadata, ...metadata }
      if (typeof cancel_at_period_end === 'boolean') {
        Object.assign(subscription, { cancel_at_period_end, canceled_at: cancel_at_period_end ? state.now : null })
        state.emit('customer.subscription.updated', subscription)
      }
      for (const { id: itemId, price_data } of (items ?? []) as { id: string; price_data: Parameters }[]) {
        if (subscription.items.data[0]!.id !== itemId) throw noSuch('subscription_item', itemId)
        life.changePrice(subscription, priceOf(state, { price_data }), payment_behavior === 'pending_if_incomplete')
      }
      return subscription
    },
    'DELETE /v1/subscriptions/{id}': (_, id) => {
      const subscription = find(state.subscriptions, 'subscription', id)
      if (subscription.status === 'canceled') throw noSuch('subscription', id)
      life.cancel(subscription)
      return subscription
    },
    'GET /v1/invoices/{id}': (_, id) => find(state.invoices, 'invoice', id),
    'GET /v1/invoices': (parameters) =>
      page(newestFirst(state.invoices).filter(matching(parameters, ['customer', 'status', 'subscription'])), parameters),
    'GET /v1/payment_intents/{id}': (_, id) => find(state.paymentIntents, 'payment_intent', id),
    'GET /v1/charges/{id}': (_, id) => find(state.charges, 'charge', id),
    'POST /v1/refunds': ({ charge: chargeId, payment_intent: intentId, amount }) => {
      const charge = find(state.charges, 'charge', (chargeId ?? state.paymentIntents.get(intentId as string)?.latest_charge) as string)
      const left = charge.amount - charge.amount_refunded
      if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
      if (((amount as number | undefined) ?? left) > left) throw invalid('Refund amount is greater than unrefunded amount on charge.')
      return life.refund(charge, (amount as number | undefined) ?? left)
    },
    'GET /v1/disputes': (parameters) =>
      page(newestFirst(state.disputes).filter(matching(parameters, ['charge', 'payment_intent'])), parameters),
    'GET /v1/events': (parameters) => {
      const { created, types } = parameters as { created?: { gte?: number }; types?: string[] }
      const from = created?.gte ?? 0
      return page(state.events.filter((event) => event.created >= from && (!types || types.includes(event.type))).reverse(), parameters)
    },
  }
}

function newSession(state: State, parameters: Parameters): Session {
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

function priceOf(state: State, { price, price_data }: Parameters): Price {
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

const expanded = (state: State, session: Session, expand: unknown): object => ({
  ...session,
  ...(Array.isArray(expand) && expand.includes('subscription') && session.subscription
    ? { subscription: state.subscriptions.get(session.subscription) }
    : {}),
})

const newestFirst = <T>(things: Map<string, T>): T[] => [...things.values()].reverse()

/** Of the filters of a list those that name a field with its value. */
const matching =
  (parameters: Parameters, filters: string[]) =>
  (thing: object): boolean =>
    filters.every((name) => {
      if (parameters[name] === undefined || (name === 'status' && parameters[name] === 'all')) return true
      const { parent } = thing as { parent?: { subscription_details: { subscription: string } } }
      const value = name === 'subscription' && parent ? parent.subscription_details.subscription : (thing as Parameters)[name]
      return value === parameters[name]
    })

function page(all: { id: string }[], { limit = 10, starting_after }: Parameters): object {
  const from = starting_after === undefined ? 0 : all.findIndex(({ id }) => id === starting_after) + 1
  const data = all.slice(from, from + (limit as number))
  return { object: 'list', data, has_more: from + data.length < all.length, url: '/v1/list' }
}
