import type { AccountId } from '#server/platform/core/index.ts'

/** A place where money is. A book without an account is the platform's own and may go below zero: what came from it came from outside. */
export interface Book {
  id: string
  accountId: AccountId | null
}

/** An account's prepaid balance. */
export const balanceBook = (accountId: AccountId): Book => ({ id: `credits:${accountId}`, accountId })

/** What is set aside of it for calls that still run: the sum of the open holds. */
export const heldBook = (accountId: AccountId): Book => ({ id: `held:${accountId}`, accountId })

/** What the platform has earned. */
export const revenueBook: Book = { id: 'revenue', accountId: null }

/** Credit the platform gave away. */
export const issuedBook: Book = { id: 'issued:credits', accountId: null }

/** Money that came from outside: `chain:4217`, `stripe`. */
export const outsideBook = (source: string): Book => ({ id: source, accountId: null })
