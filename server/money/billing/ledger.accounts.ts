import type { AccountId } from '#server/platform/core/index.ts'

/** A place where money is. A book without an account is the platform's own and may go below zero: what came from it came from outside. */
export interface LedgerAccount {
  id: string
  accountId: AccountId | null
}

/** An account's prepaid balance. */
export const balanceAccount = (accountId: AccountId): LedgerAccount => ({ id: `credits:${accountId}`, accountId })

/** What is set aside of it for calls that still run: the sum of the open holds. */
export const holdsAccount = (accountId: AccountId): LedgerAccount => ({ id: `held:${accountId}`, accountId })

/** What the platform has earned. */
export const revenueAccount: LedgerAccount = { id: 'revenue', accountId: null }

/** Credit the platform gave away. */
export const issuedBook: LedgerAccount = { id: 'issued:credits', accountId: null }

/** Money that came from outside: `chain:4217`, `stripe`. */
export const externalAccount = (source: string): LedgerAccount => ({ id: source, accountId: null })
