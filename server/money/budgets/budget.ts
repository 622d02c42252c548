import type { AccountId } from '#server/platform/core/index.ts'

/** Whose spending a budget limits. `plan` is what the plan of the workspace includes; the others are set by people. */
export type BudgetKind = 'workspace' | 'member' | 'agent' | 'key' | 'plan'
export type BudgetPeriod = 'day' | 'week' | 'month'
/** Billionths of a US dollar, or tokens in and out together. */
export type BudgetUnit = 'nano_usd' | 'tokens'

/** What may be spent in each window of time, by whom. */
export interface Budget {
  id: string
  accountId: AccountId
  kind: BudgetKind
  /** Id of the workspace, the person, the agent or the key. */
  ownerId: string
  unit: BudgetUnit
  period: BudgetPeriod
  /** A whole number of units. */
  cap: number
  /** IANA name of the time zone whose calendar the windows follow. */
  zone: string
  /** From `percent` of the cap on, `model` answers instead of what was asked for. */
  downgrade: { model: string; percent: number } | null
}

/** What a call takes, or may take at most, in whole units. */
export interface Amounts {
  nanoUsd: number
  tokens: number
  /** Of the tokens those that the plan pays for: none on a key of the account's own at a provider. */
  planTokens: number
}

/** What of it counts against a budget. */
export const amountAt = ({ kind, unit }: Pick<Budget, 'kind' | 'unit'>, amounts: Amounts): number =>
  unit === 'nano_usd' ? amounts.nanoUsd : kind === 'plan' ? amounts.planTokens : amounts.tokens

export const NOTHING: Amounts = { nanoUsd: 0, tokens: 0, planTokens: 0 }
