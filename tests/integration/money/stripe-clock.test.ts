import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkLedger } from '../../../server/money/billing/ledger-check.service.ts'
import { sweepStripe } from '../../../server/money/stripe-webhooks/index.ts'
import { createInClock, type ClockedAccount } from '../../helpers/stripe-clock.ts'
import { mailsTo, waitForQueue } from '../../helpers/outbox.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'

vi.setConfig({ testTimeout: 60_000 })

let server: StripeServer
let price: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => ({ STRIPE_CREDIT_PRICES: (price = stripe.addPrice(2000)) }))
})
afterAll(() => server.close())

/** What somebody sees of what they pay for. */
async function seenBy({ account: { key, email } }: ClockedAccount) {
  const trpc = server.trpc({ key })
  await waitForQueue(server)
  const { currentPlan, subscriptionStatus } = (await server.call('GET', '/api/billing', { key })).body
  const { agents, dailyUnits } = await trpc.billing.planUse.query({})
  const invoices = await trpc.subscriptions.invoices.query({})
  const mails = (await mailsTo(server, email)).map(({ subject }) => subject.replace(/AGENT-.*/, '…'))
  return {
    plan: `${currentPlan}, ${subscriptionStatus}`,
    isEnding: (await trpc.subscriptions.list.query({}))[0]?.isEnding,
    limits: `${agents.limit} agents, ${dailyUnits.limit} units`,
    invoices: invoices.map(({ amount, status }) => `${amount} ${status}`).toReversed(),
    mails: mails.filter((subject) => /Receipt|payment|credits/.test(subject)),
    credits: (await server.call('GET', '/api/credits', { key })).body.credits,
  }
}
const mayMakeAgents = async ({ account: { key } }: ClockedAccount, name: string) =>
  (await server.call('POST', '/api/agents', { key, body: { name } })).status

/** The days of one life, each with what was seen on it. `arrives` sees to it that the server hears of them. */
async function live(person: ClockedAccount, arrives: () => Promise<unknown>) {
  const change = (plan: 'solo' | 'label') => server.trpc({ cookie: person.account.cookie }).subscriptions.change.mutate({ plan })
  const seen: Record<string, Awaited<ReturnType<typeof seenBy>>> = {}
  const note = async (what: string) => {
    await arrives()
    seen[what] = await seenBy(person)
  }
  await person.buy('collective')
  await note('trial')
  await person.passDays(8)
  await note('first month')
  await person.passDays(30)
  await note('renewal')

  const portal = await person.portal()
  portal.useCard(false)
  await person.passDays(31)
  await note('failed payment')
  expect(await mayMakeAgents(person, 'Clerk')).toBe(201)
  // A bigger plan is not given before it is paid for.
  await expect(change('label')).rejects.toThrow(/The payment for the other plan failed/)
  await note('refused upgrade')
  portal.useCard(true)
  portal.payOpenInvoices()
  await note('paid, and upgraded')
  await change('solo')
  await note('downgrade')
  portal.changeTo('agentbot_collective')
  await note('changed at Stripe')

  const credits = server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, person.account))
  await note('credits')
  const bought = server.stripe.payments.chargeOf(credits.payment_intent)
  server.stripe.payments.refund(bought, 500)
  server.stripe.payments.refund(person.chargeOf(0))
  await note('refund')
  const [dispute, disputedPlan] = [server.stripe.payments.dispute(bought), server.stripe.payments.dispute(person.chargeOf(1))]
  await note('dispute')
  server.stripe.payments.closeDispute(dispute, 'won')
  server.stripe.payments.closeDispute(disputedPlan, 'lost')
  await note('dispute won')

  portal.cancel()
  await note('cancelled')
  portal.renew()
  await note('stays after all')
  portal.cancel()
  await person.passDays(31)
  await note('end')
  return seen
}

test('one life, from the trial to its end', async () => {
  const person = await createInClock(server, 69)
  const days = await live(person, () => server.deliver({ times: 2 }))
  const receipts = (count: number) => Array<string>(count).fill('Receipt …')

  expect(days.trial).toEqual({
    plan: 'collective, trialing',
    isEnding: false,
    limits: '3 agents, 1000 units',
    invoices: ['£0.00 paid'],
    mails: [],
    credits: 0,
  })
  expect(days['first month']).toMatchObject({ plan: 'collective, active', invoices: ['£0.00 paid', '£69.00 paid'], mails: receipts(1) })
  expect(days.renewal).toMatchObject({ plan: 'collective, active', mails: receipts(2) })
  // The days of grace have begun: all goes on.
  const failed = { plan: 'collective, past_due', limits: '3 agents, 1000 units' }
  expect(days['failed payment']).toMatchObject({ ...failed, mails: [...receipts(2), 'Your payment failed'] })
  expect(days['failed payment']!.invoices.at(-1)).toBe('£69.00 open')
  expect(days['refused upgrade']).toMatchObject(failed)
  expect(days['paid, and upgraded']).toMatchObject({ plan: 'label, active', limits: '10 agents, 2500 units' })
  expect(days['paid, and upgraded']!.mails.filter((subject) => subject.startsWith('Receipt'))).toHaveLength(4)
  expect(days['paid, and upgraded']!.invoices.filter((invoice) => invoice.endsWith('open'))).toEqual([])
  expect(days.downgrade).toMatchObject({ plan: 'solo, active', limits: '1 agents, 600 units' })
  expect(days.downgrade!.invoices.at(-1)).toMatch(/^-£1\d\d\.\d\d paid$/)
  expect(days['changed at Stripe']).toMatchObject({ plan: 'collective, active', limits: '3 agents, 1000 units' })
  expect(days.credits).toMatchObject({ credits: 20 })
  expect(days.credits!.mails.at(-1)).toBe('Your credits have arrived')
  // What goes back of the payment for a plan leaves the plan as it is: it ends when it is cancelled.
  expect(days.refund).toMatchObject({ plan: 'collective, active', credits: 15 })
  expect(days.dispute).toMatchObject({ plan: 'collective, active', credits: 0 })
  expect(days['dispute won']).toMatchObject({ plan: 'collective, active', credits: 15 })
  expect(days.cancelled).toMatchObject({ plan: 'collective, active', isEnding: true })
  expect(days['stays after all']).toMatchObject({ plan: 'collective, active', isEnding: false })
  expect(days.end).toMatchObject({ plan: 'free, cancelled', credits: 15 })
  expect(await mayMakeAgents(person, 'Late')).toBe(402)
  expect((await checkLedger(server.platform.databases.system)).problems).toEqual([])
})

test('the same life is seen where no delivery arrives, half an hour after each of its days', async () => {
  const { system } = server.platform.databases
  const HALF_AN_HOUR_MS = 30 * 60_000
  // Nothing was delivered since half an hour ago.
  const sweep = async () => {
    server.stripe.deliveries.drop()
    const claimedAt = new Date(Date.now() - HALF_AN_HOUR_MS).toISOString()
    await system.updateTable('stripeSweeps').set({ claimedAt, sweptUntil: claimedAt }).execute()
    await sweepStripe(server.platform)
  }
  await sweep()
  const [heard, unheard] = [await createInClock(server, 69), await createInClock(server, 69)]
  const [told, swept] = [await live(heard, () => server.deliver()), await live(unheard, sweep)]
  expect(swept).toEqual(told)
})

test('a life of which nothing arrived is as Stripe has it after one sweep', async () => {
  const { system } = server.platform.databases
  const person = await createInClock(server, 69)
  await person.buy('collective')
  const portal = await person.portal()
  for (const days of [8, 30]) await person.passDays(days)
  portal.useCard(false)
  await person.passDays(31)
  portal.useCard(true)
  portal.payOpenInvoices()
  portal.cancel()
  const { payment_intent: payment } = server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, person.account))
  server.stripe.payments.refund(server.stripe.payments.chargeOf(payment), 500)
  server.stripe.deliveries.drop()
  expect(await seenBy(person)).toMatchObject({ plan: 'free, inactive', credits: 0 })

  await system
    .updateTable('stripeSweeps')
    .set({ claimedAt: new Date(0).toISOString() })
    .execute()
  await sweepStripe(server.platform)
  expect(await seenBy(person)).toMatchObject({ plan: 'collective, active', isEnding: true, credits: 15 })
})
