import { newSession, priceOf } from './checkout-sessions.ts'
import { clockEndpoints } from './clocks.ts'
import type { Life } from './life.ts'
import type { Payments } from './payments.ts'
import { invalid, noSuch } from './problems.ts'
import type { Customer, Session, State } from './state.ts'

type Parameters = Record<string, unknown>
type Endpoint = (parameters: Parameters, id: string) => object

/** What each operation does, once its parameters were checked. */
export function endpoints(state: State, life: Life, payments: Payments): Record<string, Endpoint> {
  const find = <T>(things: Map<string, T>, what: string, id: string): T => {
    const found = things.get(id)
    if (!found) throw noSuch(what, id)
    return found
  }
  return {
    ...clockEndpoints(state, life),
    'POST /v1/customers': (parameters) => state.addCustomer(inClock(state, parameters as Partial<Customer>)),
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
      const page = { id, object: 'billing_portal.session', customer, return_url, url: `https://billing.stripe.com/p/session/${id}` }
      state.portals.set(id, customer as string)
      return page
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
      if (typeof cancel_at_period_end === 'boolean') life.endAtPeriodEnd(subscription, cancel_at_period_end)
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
      return payments.refund(charge, (amount as number | undefined) ?? left)
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

/** A clock takes three customers. */
function inClock(state: State, customer: Partial<Customer>): Partial<Customer> {
  const { test_clock: clock } = customer
  if (!clock) return customer
  if (!state.clocks.has(clock)) throw noSuch('test clock', clock)
  if ([...state.customers.values()].filter(({ test_clock }) => test_clock === clock).length >= 3)
    throw invalid('A test clock can have at most 3 customers.', { param: 'test_clock' })
  return customer
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
