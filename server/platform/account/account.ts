import type { AccountId, ActorAccount, Env } from '../core/index.ts'
import type { AccountRow } from './account.queries.ts'

/**
 * The account a checked credential belongs to. It is an admin only when its address is in
 * `ADMIN_EMAILS` and verified: otherwise whoever registers that address first would be one.
 */
export const toAccount = (env: Env, row: AccountRow): ActorAccount => ({
  id: row.accountId as AccountId,
  email: row.email,
  name: row.name,
  plan: row.plan,
  subscriptionStatus: row.subscriptionStatus,
  trialEndsAt: row.trialEndsAt,
  isAdmin: row.emailVerifiedAt !== null && isAdminEmail(env, row.email),
  stripeSubscriptionId: row.stripeSubscriptionId,
  createdAt: row.createdAt,
})

export const isAdminEmail = (env: Env, email: string): boolean =>
  env.ADMIN_EMAILS.some((admin) => admin.toLowerCase() === email.toLowerCase())

/** The account id of a row that was just written for a new account. */
export const asAccountId = (id: string): AccountId => id as AccountId
