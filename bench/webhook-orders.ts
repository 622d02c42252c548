import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type Stripe from 'stripe'
import { databasesOn } from '../db/client.ts'
import { openInMemory, readTemplate } from '../db/embedded.ts'
import type { Engine } from '../db/engine.ts'
import { heardTypes } from '../server/money/stripe-webhooks/index.ts'
import { newId, type Platform } from '../server/platform/core/index.ts'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { assemblePlatform } from '../server/platform/host/platform.ts'
import { FakeStripe } from '../tests/fakes/stripe/fake-stripe.ts'

/** A server's platform, and a Stripe at which one life has happened in stages. */
export interface OrdersBench {
  platform: Platform
  lite: PGlite
  stages: number
  /** All that matter here, in the order in which they happened, with the stage since which they can arrive. */
  events: { stage: number; event: Stripe.Event }[]
  /** Makes Stripe as it was after a stage. */
  goTo(stage: number): void
  /** All that is read when an event is handled; and of it what people notice. */
  readState(): Promise<{ rows: string; outcome: string }>
  /** Undoes in the end what was done in it. */
  inSavepoint<T>(work: () => Promise<T>): Promise<T>
  /** Asks Stripe for the subscription, without the SDK. */
  ask(): Promise<{ id: string; status: string }>
  close(): Promise<void>
}

/** On the embedded database, in one transaction that is undone again and again. */
export async function openOrdersBench(): Promise<OrdersBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-bench-'))
  const stripe = await FakeStripe.start()
  const engine = await openInMemory(await readTemplate())
  const env = readEnv({ ...stripe.env, DATA_DIR: dataDir, LOG_LEVEL: 'silent' })
  const databases = databasesOn(withSavepoints(engine))
  const platform = await assemblePlatform(
    env,
    createLogger(env),
    databases,
    'only for benchmarks, and long enough for that',
    async () => undefined,
  )
  const { lite } = engine
  await lite.query('begin')
  const accountId = newId('user')
  await lite.query(`insert into accounts (id, name, referral_code) values ($1, 'Bench', 'BENCH001')`, [accountId])
  const { pictures, events } = await playLife(stripe, accountId)
  let depth = 0
  return {
    platform,
    lite,
    stages: pictures.length,
    events,
    goTo: (stage) => restore(stripe, pictures[stage]!),
    async readState() {
      const { rows } = await lite.query<{ rows: string; outcome: string }>(READ_STATE)
      return rows[0]!
    },
    async inSavepoint(work) {
      const name = `order_${depth++}`
      await lite.query(`savepoint ${name}`)
      const answer = await work()
      await lite.query(`rollback to savepoint ${name}`)
      await lite.query(`release savepoint ${name}`)
      depth -= 1
      return answer
    },
    async ask() {
      const [id] = stripe.state.subscriptions.keys()
      const response = await fetch(`${stripe.url}/v1/subscriptions/${id}`, { headers: stripe.headers })
      return response.json()
    },
    async close() {
      await lite.query('rollback')
      await platform.close()
      await stripe.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const READ_STATE = `
  with seen as (
    select concat_ws('#',
      (select string_agg(concat_ws(',', plan, subscription_status, stripe_subscription_id, grace_ends_at, extra_storage_gb), ';' order by id) from accounts),
      (select string_agg(concat_ws(',', id, plan, status, is_ending, period_started_at, period_ends_at), ';' order by id) from subscriptions),
      (select string_agg(concat_ws(',', id, status, credited_micro_usd, reversed_micro_usd, unrecovered_micro_usd), ';' order by id) from checkouts),
      (select string_agg(concat_ws(',', id, balance), ';' order by id) from ledger_books where balance <> 0)) as outcome
  )
  select outcome, md5(concat_ws('#', outcome,
    (select string_agg(id, ';' order by id) from stripe_events),
    (select string_agg(concat_ws(',', id, reversals, problem), ';' order by id) from checkouts))) as rows
  from seen`

/** Transactions of the program are savepoints, so that all is undone with the one they are in; what waits for a commit is checked at its end. */
function withSavepoints(engine: Engine): Engine {
  let depth = 0
  const statementsFor = (sql: string): string[] => {
    if (sql === 'begin') return [`savepoint inner_${depth++}`]
    if (sql === 'commit') return ['set constraints all immediate', 'set constraints all deferred', `release savepoint inner_${--depth}`]
    if (sql === 'rollback') return [`rollback to savepoint inner_${--depth}`, `release savepoint inner_${depth}`]
    return [sql]
  }
  const wrap = (pool: PostgresPool): PostgresPool => ({
    ...pool,
    async connect() {
      const client = (await pool.connect()) as unknown as { query(sql: string, values: unknown[]): Promise<unknown>; release(): void }
      const query = async (sql: string, values: unknown[]) => {
        let answer: unknown
        for (const statement of statementsFor(sql)) answer = await client.query(statement, values)
        return answer
      }
      return { query, release: () => client.release() } as unknown as PostgresPoolClient
    },
  })
  return { ...engine, systemPool: wrap(engine.systemPool) }
}

const kept = ['customers', 'sessions', 'subscriptions', 'invoices', 'paymentIntents', 'charges', 'disputes'] as const
type Picture = [string, Map<string, unknown>][]

const takePicture = ({ state }: FakeStripe): Picture => kept.map((name) => [name, structuredClone(state[name])])

function restore({ state }: FakeStripe, picture: Picture): void {
  for (const [name, things] of picture) {
    const map = state[name as (typeof kept)[number]] as Map<string, unknown>
    map.clear()
    for (const [id, thing] of things) map.set(id, thing)
  }
}

/** One life in one second: a plan and credits are bought, a payment fails and arrives, credits are refunded in part, the plan changes. */
async function playLife(stripe: FakeStripe, accountId: string): Promise<{ pictures: Picture[]; events: OrdersBench['events'] }> {
  const sdk = stripe.connect()
  const pictures: Picture[] = []
  const events: OrdersBench['events'] = []
  const endStage = () => {
    const heard = stripe.state.events.splice(0) as unknown as Stripe.Event[]
    for (const event of heard) if ((heardTypes as string[]).includes(event.type)) events.push({ stage: pictures.length, event })
    pictures.push(takePicture(stripe))
  }
  const product = await sdk.products.create({ id: 'agentbot_solo', name: 'Agentbot Solo' })
  const plan = { plan: 'solo', userId: accountId }
  const planPage = await sdk.checkout.sessions.create({
    mode: 'subscription',
    line_items: [
      { price_data: { currency: 'gbp', unit_amount: 2900, recurring: { interval: 'month' }, product: product.id }, quantity: 1 },
    ],
    metadata: plan,
    subscription_data: { metadata: plan },
    success_url: 'https://example.org',
  })
  const credits = { type: 'credits', userId: accountId }
  const creditsPage = await sdk.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price_data: { currency: 'usd', unit_amount: 2000, product_data: { name: 'Credits' } }, quantity: 1 }],
    metadata: credits,
    payment_intent_data: { metadata: credits },
    success_url: 'https://example.org',
  })
  const { subscription: subscriptionId } = stripe.pay(planPage.url!)
  const { payment_intent: payment } = stripe.pay(creditsPage.url!)
  const subscription = stripe.state.subscriptions.get(subscriptionId!)!
  endStage()
  stripe.payments.refund(stripe.payments.chargeOf(payment), 500)
  subscription.status = 'past_due'
  stripe.state.emit('customer.subscription.updated', subscription)
  endStage()
  subscription.status = 'active'
  subscription.items.data[0]!.price = { ...subscription.items.data[0]!.price, product: 'agentbot_label' }
  stripe.state.emit('customer.subscription.updated', subscription)
  endStage()
  return { pictures, events }
}
