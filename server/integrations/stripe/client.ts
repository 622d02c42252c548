import type Stripe from 'stripe'
import type { Platform } from '#server/platform/core/index.ts'
import { StripeNotConfigured } from './stripe.errors.ts'

/** Longest one answer of Stripe is waited for; the SDK asks twice more where that is harmless. */
const TIMEOUT_MS = 15_000

const clients = new WeakMap<Platform['databases'], Promise<Stripe>>()

/**
 * Stripe as this server reaches it. The SDK is loaded when it is first needed: servers that ask for no money never do.
 *
 * @throws StripeNotConfigured
 */
export function stripeOf({ env, databases }: Pick<Platform, 'env' | 'databases'>): Promise<Stripe> {
  const { STRIPE_SECRET_KEY: key } = env
  if (!key) throw new StripeNotConfigured('STRIPE_SECRET_KEY')
  // A platform is copied for work that is in no hurry; its databases tell which one it is.
  const client = clients.get(databases) ?? connect(key, env.STRIPE_API_BASE)
  clients.set(databases, client)
  return client
}

/** @throws StripeNotConfigured */
export function requireStripe({ env }: Pick<Platform, 'env'>): void {
  if (!env.STRIPE_SECRET_KEY) throw new StripeNotConfigured('STRIPE_SECRET_KEY')
}

async function connect(key: string, base: string | undefined): Promise<Stripe> {
  const { default: Client } = await import('stripe')
  return new Client(key, { timeout: TIMEOUT_MS, maxNetworkRetries: 2, telemetry: false, ...(base ? addressOf(base) : {}) })
}

function addressOf(base: string): { host: string; port: string; protocol: 'http' | 'https' } {
  const { hostname: host, port, protocol } = new URL(base)
  return { host, port: port || (protocol === 'http:' ? '80' : '443'), protocol: protocol === 'http:' ? 'http' : 'https' }
}
