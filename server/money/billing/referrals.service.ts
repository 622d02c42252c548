import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { microUsdOfDollars } from '#server/platform/money/index.ts'
import { accountOf, type AccountContext, type AccountId, type Platform } from '#server/platform/core/index.ts'
import type { Referral, Referrals } from './billing.contract.ts'
import { balanceAccount, issuedBook } from './ledger.accounts.ts'
import { postTransaction } from './ledger.service.ts'
import * as queries from './referrals.queries.ts'

/** Credits each side of a referral gets. */
const REFERRAL_CREDITS = 10

/** Writes down whose code a new account came with. `systemDb` is the transaction that creates it. */
export async function noteReferral(systemDb: Db, accountId: AccountId, referrerId: AccountId): Promise<Referral> {
  await queries.insertReferral(systemDb, accountId, referrerId)
  return toReferral('pending')
}

/**
 * The account has shown that somebody is behind it, by an address that was verified or by a payment: both sides of its
 * referral get their credit, once, and no more often than the operator lets the referrer have it. Harmless for an account
 * nobody referred.
 *
 * @param systemDb A transaction that holds no ledger account yet: the referrer's account is locked before them.
 */
export async function creditReferral({ env }: Pick<Platform, 'env'>, systemDb: Db, accountId: AccountId): Promise<void> {
  const referral = await queries.findReferral(systemDb, accountId)
  if (referral?.status !== 'pending') return
  const referrerId = referral.referrerId as AccountId
  await lockAccount(systemDb, referrerId)
  const ended = await queries.endReferral(systemDb, accountId, referrerId, env.MAX_CREDITED_REFERRALS)
  if (ended?.status !== 'credited') return
  const amountMicroUsd = microUsdOfDollars(REFERRAL_CREDITS)
  await postTransaction(systemDb, {
    id: `referral-${accountId}`,
    reason: 'referral',
    entries: [
      { book: balanceAccount(accountId), amountMicroUsd },
      { book: balanceAccount(referrerId), amountMicroUsd },
      { book: issuedBook, amountMicroUsd: -2 * amountMicroUsd },
    ],
  })
}

/** How the calling account was referred; null when it was not. */
export async function findReferral(ctx: AccountContext): Promise<Referral | null> {
  const referral = await queries.findReferral(ctx.db, accountOf(ctx))
  return referral ? toReferral(referral.status as Referral['status']) : null
}

/** What became of the accounts the calling one has referred. */
export const countReferrals = async (ctx: AccountContext): Promise<Referrals> => ({
  ...(await queries.countReferrals(ctx.db, accountOf(ctx))),
  limit: ctx.platform.env.MAX_CREDITED_REFERRALS,
})

const toReferral = (status: Referral['status']): Referral => ({ status, credits: status === 'capped' ? 0 : REFERRAL_CREDITS })
