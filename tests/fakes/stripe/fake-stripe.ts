import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { endpoints } from './endpoints.ts'
import { IdempotentAnswers } from './idempotent-answers.ts'
import { Life } from './life.ts'
import type { ParameterTree } from './parameter-tree.ts'
import tree from './parameters.json' with { type: 'json' }
import { checkParameters, readForm } from './parameters.ts'
import { Payments } from './payments.ts'
import { Portal } from './portal.ts'
import { StripeProblem } from './problems.ts'
import { type Session, State, type StripeEvent } from './state.ts'
import { Deliveries } from './deliveries.ts'

const API_VERSION = '2026-10-28.endive'
const SECRET_KEY = 'sk_test_only_tests_use_this_key'
const WEBHOOK_SECRET = 'whsec_only_tests_use_this_secret'

/** A failure of Stripe's, for the next request to an operation. */
export interface Failure {
  status: number
  type: string
  message?: string
}

/**
 * The part of Stripe that is used, with its state, its own clock, and what happens by itself as time goes by. It refuses what the real
 * one refuses: unknown, missing and mistyped parameters, and repeated keys with another request.
 */
export class FakeStripe {
  readonly state = new State()
  readonly payments = new Payments(this.state)
  readonly life = new Life(this.state, this.payments)
  readonly deliveries = new Deliveries(this.state, WEBHOOK_SECRET)
  /** Every request that came, as `POST /v1/customers`. */
  readonly requests: string[] = []
  readonly url: string
  readonly #close: () => Promise<void>
  readonly #failures = new Map<string, Failure[]>()
  readonly #changes = new Map<string, object>()

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async start(): Promise<FakeStripe> {
    const answers = new IdempotentAnswers()
    let fake: FakeStripe
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { pathname, search } = new URL(request.url!, 'http://stripe')
      const body = request.method === 'POST' ? Buffer.concat(chunks).toString() : search.slice(1)
      const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined
      const { status, answer, isReplayed } = await answers.once(key as string | undefined, `${pathname} ${body}`, () =>
        fake.#answer(request.method!, pathname, body, request.headers),
      )
      const headers = { 'content-type': 'application/json', 'request-id': fake.state.id('req') }
      response.writeHead(status, { ...headers, ...(isReplayed ? { 'idempotent-replayed': 'true' } : {}) }).end(JSON.stringify(answer))
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const close = () =>
      new Promise<void>((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      })
    fake = new FakeStripe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, close)
    return fake
  }

  /** The variables of a server that uses it. */
  get env(): Record<string, string> {
    return { STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_API_BASE: this.url }
  }

  /** What every request has to have. */
  readonly headers = { authorization: `Bearer ${SECRET_KEY}`, 'stripe-version': API_VERSION }

  /** The SDK, for what tests ask of Stripe themselves. */
  connect(key = SECRET_KEY): Stripe {
    const { hostname: host, port } = new URL(this.url)
    return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
  }

  /** Somebody pays at the address of a checkout. */
  pay(url: string, { email = 'payer@example.org', isDelayed = false } = {}): Session {
    const session = this.sessionAt(url)
    if (session.status !== 'open') throw new Error(`The checkout is ${session.status}.`)
    this.life.complete(session, { email: session.customer_email ?? email, isDelayed })
    return session
  }

  /** The checkout at an address. */
  sessionAt(url: string): Session {
    const session = this.state.sessions.get(new URL(url).pathname.split('/').at(-1)!)
    if (!session) throw new Error(`There is no checkout at ${url}.`)
    return session
  }

  /** A price the operator made in the dashboard. @returns its id. */
  addPrice(unit_amount: number, { currency = 'usd', isRecurring = false, isActive = true } = {}): string {
    const id = this.state.id('price')
    this.state.prices.set(id, {
      id,
      object: 'price',
      active: isActive,
      currency,
      unit_amount,
      type: isRecurring ? 'recurring' : 'one_time',
      product: this.state.id('prod'),
      recurring: isRecurring ? ({ interval: 'month', interval_count: 1 } as Stripe.Price.Recurring) : null,
      metadata: {},
    })
    return id
  }

  /** Lets days pass. */
  passDays(days: number): void {
    this.life.advanceTo(this.state.now + days * 86_400)
  }

  /** The header of a delivery, as of a time (Unix). */
  sign(payload: string, timestamp = Math.floor(Date.now() / 1000), secret = WEBHOOK_SECRET): string {
    return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
  }

  /** The newest event of a type. */
  newest(type: string): StripeEvent {
    const event = this.state.events.findLast((one) => one.type === type)
    if (!event) throw new Error(`There was no ${type}.`)
    return event
  }

  /** The next requests of an operation, such as `POST /v1/checkout/sessions`, fail. */
  failNext(operation: string, ...failures: Failure[]): void {
    this.#failures.set(operation, failures)
  }

  /** The next answer of an operation says something else here and there. */
  changeNext(operation: string, change: object): void {
    this.#changes.set(operation, change)
  }

  /** The page of the portal at an address, as its customer uses it. */
  portalAt(url: string): Portal {
    return new Portal(this.state, this.life, url)
  }

  close(): Promise<void> {
    return this.#close()
  }

  #answer(method: string, pathname: string, body: string, headers: Record<string, unknown>): { status: number; answer: object } {
    const { operation, id } = operationOf(method, pathname)
    this.requests.push(operation)
    try {
      if (headers.authorization !== `Bearer ${SECRET_KEY}`)
        throw new StripeProblem(401, 'invalid_request_error', 'Invalid API Key provided.')
      if (headers['stripe-version'] !== API_VERSION)
        throw new StripeProblem(400, 'invalid_request_error', `Invalid Stripe API version: ${String(headers['stripe-version'])}`)
      const failure = this.#failures.get(operation)?.shift()
      if (failure) throw new StripeProblem(failure.status, failure.type, failure.message ?? 'It was made to fail.')
      const parameters = checkParameters(tree as ParameterTree, operation, readForm(body))
      const answer = endpoints(this.state, this.life, this.payments)[operation]!(parameters, id)
      const change = this.#changes.get(operation)
      this.#changes.delete(operation)
      return { status: 200, answer: change ? { ...answer, ...change } : answer }
    } catch (error) {
      if (error instanceof StripeProblem) return { status: error.status, answer: error.body }
      throw error
    }
  }
}

/** `GET /v1/customers/cus_1` as `GET /v1/customers/{id}`, and the id. What is not known is named as it came. */
function operationOf(method: string, pathname: string): { operation: string; id: string } {
  const segments = pathname.split('/')
  const operation = Object.keys(tree.operations).find((known) => {
    const [knownMethod, path = ''] = known.split(' ')
    const parts = path.split('/')
    return knownMethod === method && parts.length === segments.length && parts.every((part, at) => part === '{id}' || part === segments[at])
  })
  if (operation === undefined) return { operation: `${method} ${pathname}`, id: '' }
  const at = operation.split(' ')[1]!.split('/').indexOf('{id}')
  return { operation, id: at < 0 ? '' : segments[at]! }
}
