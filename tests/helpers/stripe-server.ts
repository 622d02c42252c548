import { FakeStripe } from '../fakes/stripe/fake-stripe.ts'
import type { Session } from '../fakes/stripe/state.ts'
import { startTestServer, type TestAccount, type TestServer } from './test-server.ts'

/** A server that asks for money, and the Stripe that takes it. */
export interface StripeServer extends TestServer {
  stripe: FakeStripe
  /** Follows a link as a browser would. @returns where it leads. */
  follow(path: string, caller?: Partial<TestAccount>): Promise<string>
  /** Has Stripe send what was not sent yet, in the order in which it happened. @returns the statuses of the answers. */
  deliver(...options: Parameters<FakeStripe['deliveries']['deliver']> extends [string, ...infer Rest] ? Rest : never): Promise<number[]>
  /** The facts of an account that payments change. */
  planOf(account: TestAccount): Promise<{ plan: string; subscriptionStatus: string }>
  /** Somebody whose plan was bought at Stripe, and whose events have arrived. */
  createSubscriber(plan: string): Promise<{ account: TestAccount; session: Session }>
}

export async function startStripeServer(variables: (stripe: FakeStripe) => Record<string, string> = () => ({})): Promise<StripeServer> {
  const stripe = await FakeStripe.start()
  const server = await startTestServer({ ...stripe.env, ...variables(stripe) })
  const follow: StripeServer['follow'] = async (path, { cookie } = {}) => {
    const { status, headers } = await server.call('GET', path, cookie ? { cookie } : {})
    if (status !== 303) throw new Error(`${path} answered ${status}`)
    return headers.get('location')!
  }
  const deliver: StripeServer['deliver'] = (options) => stripe.deliveries.deliver(`${server.url}/api/webhooks/stripe`, options)
  return {
    ...server,
    stripe,
    follow,
    deliver,
    async planOf({ id }) {
      const { system } = server.platform.databases
      return system.selectFrom('accounts').where('id', '=', id).select(['plan', 'subscriptionStatus']).executeTakeFirstOrThrow()
    },
    async createSubscriber(plan) {
      const account = await server.createAccount()
      const session = stripe.pay(await follow(`/api/stripe/checkout?plan=${plan}`, account), { email: account.email })
      await deliver()
      return { account, session }
    },
    async close() {
      await server.close()
      await stripe.close()
    },
  }
}
