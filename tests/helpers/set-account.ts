import { forgetKeysOf } from '../../server/identity/auth/key-cache.ts'
import type { TestServer } from './test-server.ts'

interface AccountFacts {
  plan?: string
  subscriptionStatus?: string
  stripeSubscriptionId?: string
  stripeCustomerId?: string
  trialEndsAt?: string
  emailVerifiedAt?: string
}

/** Changes what only payments and mails change in earnest. The server hears of it at once, and not moments later from the database. */
export async function setAccount({ platform }: TestServer, id: string, { emailVerifiedAt, ...facts }: AccountFacts): Promise<void> {
  const { system } = platform.databases
  if (emailVerifiedAt !== undefined) await system.updateTable('users').set({ emailVerifiedAt }).where('id', '=', id).execute()
  if (Object.keys(facts).length > 0) await system.updateTable('accounts').set(facts).where('id', '=', id).execute()
  forgetKeysOf(platform, id)
}

/** When a trial has ended. */
export const LONG_AGO = new Date(0).toISOString()
