import type { AccountId, ActorAccount, Env, UserId } from '../core/index.ts'
import type { AccountRow } from './account.queries.ts'

/** The workspace a checked credential leads to. The personal one of an operator has no limits of a plan. */
export const toAccount = (env: Env, row: AccountRow): ActorAccount => ({
  id: row.accountId as AccountId,
  kind: row.kind as ActorAccount['kind'],
  ownerId: row.ownerId as UserId | null,
  email: row.email,
  name: row.name,
  plan: row.plan,
  subscriptionStatus: row.subscriptionStatus,
  trialEndsAt: row.trialEndsAt,
  graceEndsAt: row.graceEndsAt,
  extraStorageGb: row.extraStorageGb,
  isAdmin: isAdminEmail(env, row.ownerEmail, row.ownerVerifiedAt),
  stripeSubscriptionId: row.stripeSubscriptionId,
  createdAt: row.createdAt,
})

/** Whether an address is in `ADMIN_EMAILS`, and verified: otherwise whoever registers it first would be an admin. */
export const isAdminEmail = (env: Env, email: string | null, verifiedAt: string | null): boolean =>
  email !== null && verifiedAt !== null && env.ADMIN_EMAILS.some((admin) => admin.toLowerCase() === email.toLowerCase())

/** The id of a workspace that was just read or written by `server/identity`. */
export const asAccountId = (id: string): AccountId => id as AccountId

/** The id of a person who was just read or written by `server/identity`. */
export const asUserId = (id: string): UserId => id as UserId
