import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { markEmailVerified } from '../../../server/identity/accounts/accounts.service.ts'
import { checkStripe } from '../../../server/money/stripe-webhooks/index.ts'
import { mailsTo, tokenIn, waitForMails, waitForQueue } from '../../helpers/outbox.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'

let server: StripeServer
beforeAll(async () => {
  server = await startStripeServer()
})
afterAll(() => server.close())

let payers = 0
/** Somebody pays for a plan without an account, with an address nobody here has. */
async function payAsStranger(plan = 'label') {
  const email = `stranger${++payers}@example.org`
  const session = server.stripe.pay(await server.follow(`/api/stripe/checkout?plan=${plan}`), { email: email.toUpperCase() })
  await server.deliver({ times: 2 })
  await waitForQueue(server)
  return { email, session }
}
const kept = async () => (await server.platform.databases.system.selectFrom('unclaimedCheckouts').select('email').execute()).length

describe('a plan that was paid for with an address nobody has', () => {
  test('is kept, and whoever paid is told once how to get it', async () => {
    const { email } = await payAsStranger()
    const mails = await mailsTo(server, email.toUpperCase())
    expect(mails).toMatchObject([{ subject: 'Your plan waits for you', text: expect.stringContaining('/register') }])
  })

  test('is given to who registers with the address, once the address is proved to be theirs', async () => {
    const { email } = await payAsStranger()
    const before = await kept()
    const account = await server.createAccount({ email })
    const [letter] = await waitForMails(server, email, 1)
    // Anybody can say that an address is theirs: an event that comes meanwhile gives them nothing.
    server.stripe.passDays(8)
    await server.deliver()
    expect(await server.planOf(account)).toMatchObject({ plan: 'free' })

    await server.trpc({ cookie: account.cookie }).mailbox.verify.mutate({ token: tokenIn(letter!) })
    await waitForQueue(server)
    expect(await server.planOf(account)).toEqual({ plan: 'label', subscriptionStatus: 'active' })
    expect(await kept()).toBe(before - 1)
  })

  test('is given by the hourly look, where Stripe did not answer when the address was proved', async () => {
    const { email } = await payAsStranger()
    const account = await server.createAccount({ email })
    await server.platform.databases.system
      .updateTable('users')
      .set({ emailVerifiedAt: new Date().toISOString() })
      .where('email', '=', email)
      .execute()
    await checkStripe(server.platform)
    expect(await server.planOf(account)).toMatchObject({ plan: 'label' })
  })

  test('is given at once to who comes back from the page where they paid', async () => {
    const { email, session } = await payAsStranger('solo')
    const account = await server.createAccount({ email })
    const path = `/api/checkout/verify?session_id=${session.id}`
    expect(await server.call('GET', path, { cookie: account.cookie })).toMatchObject({ status: 200, body: { plan: 'solo' } })
    expect(await server.planOf(account)).toEqual({ plan: 'solo', subscriptionStatus: 'trialing' })
  })

  test('is not given to anybody else', async () => {
    const { email } = await payAsStranger()
    const other = await server.createAccount()
    await markEmailVerified(server.platform, other.email)
    await waitForQueue(server)
    expect(await server.planOf(other)).toMatchObject({ plan: 'free' })
    const account = await server.createAccount({ email })
    await markEmailVerified(server.platform, email)
    await waitForQueue(server)
    expect(await server.planOf(account)).toMatchObject({ plan: 'label' })
  })
})
