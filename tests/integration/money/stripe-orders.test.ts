import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { heardTypes } from '../../../server/money/stripe-webhooks/index.ts'
import type { StripeEvent } from '../../fakes/stripe/state.ts'
import { createInClock } from '../../helpers/stripe-clock.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'

vi.setConfig({ testTimeout: 240_000 })

let server: StripeServer
let price: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => ({ STRIPE_CREDIT_PRICES: (price = stripe.addPrice(2000)) }))
})
afterAll(() => server.close())

/** Where in a pile of events each next one is taken from, and what becomes of it. */
interface Draw {
  from: number
  /** It stays in the pile, so that it comes again later. */
  comesAgain: boolean
  /** Life goes on before it arrives. */
  goesOn: boolean
}
const draw: fc.Arbitrary<Draw> = fc.record({ from: fc.nat({ max: 99 }), comesAgain: fc.boolean(), goesOn: fc.boolean() })

/** What happens at Stripe in one life, all of it in one second there; each step once the one before it has happened. */
async function* liveOn() {
  const { stripe } = server
  const person = await createInClock(server, 8)
  const { account } = person
  yield account
  const subscription = await person.buy('collective')
  const { payment_intent: payment } = stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
  yield account
  const portal = await person.portal()
  portal.useCard(false)
  await person.passDays(8)
  const charge = stripe.payments.chargeOf(payment)
  stripe.payments.refund(charge, 500)
  yield account
  portal.useCard(true)
  portal.payOpenInvoices()
  const dispute = stripe.payments.dispute(charge)
  yield account
  stripe.life.changePrice(subscription, { ...subscription.items.data[0]!.price, product: 'agentbot_label', unit_amount: 14_900 }, true)
  portal.cancel()
  stripe.payments.closeDispute(dispute, 'won')
  yield account
}

test('in whatever order the events of a life come, early or late, and however often, it ends the same', async () => {
  const url = `${server.url}/api/webhooks/stripe`
  await fc.assert(
    fc.asyncProperty(fc.array(draw, { minLength: 4, maxLength: 14 }), async (draws) => {
      // Only what matters here, of this life.
      const { state, deliveries } = server.stripe
      state.events.length = 0
      const pending = () => deliveries.pending.filter(({ type }) => (heardTypes as readonly string[]).includes(type))
      const life = liveOn()
      let { value: account } = await life.next()
      const comesAgain: StripeEvent[] = []
      const arrive = async ({ from, comesAgain: again }: Draw) => {
        const pile = [...pending(), ...comesAgain]
        const event = pile[from % pile.length]
        if (!event) return
        expect(await deliveries.send(url, event)).toBe(200)
        if (again) comesAgain.push(event)
      }
      for (const one of draws) {
        if (one.goesOn) account = (await life.next()).value ?? account
        await arrive(one)
      }
      for await (const last of life) account = last
      // All that is left, the newest first, and what came again once more, at the same moment.
      for (const event of pending().toReversed()) expect(await deliveries.send(url, event)).toBe(200)
      await Promise.all(comesAgain.map((event) => deliveries.send(url, event)))

      const { key } = account!
      expect(await server.planOf(account!)).toEqual({ plan: 'label', subscriptionStatus: 'active' })
      expect(await server.trpc({ key }).subscriptions.list.query({})).toMatchObject([{ plan: 'label', status: 'active', isEnding: true }])
      expect((await server.call('GET', '/api/credits', { key })).body).toMatchObject({ credits: 15, owedCredits: 0 })
    }),
    { numRuns: 50, seed: 20_261_127, endOnFailure: true },
  )
})
