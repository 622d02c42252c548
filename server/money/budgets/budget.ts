import type { AccountId } from '#server/platform/core/index.ts'

/** Whose spending a budget limits. `plan` is what the plan of the workspace includes; the others are set by people. */
export type BudgetKind = 'workspace' | 'member' | 'agent' | 'key' | 'plan'
export type BudgetPeriod = 'day' | 'week' | 'month'
/** Billionths of a US dollar, tokens in and out together, or calls that are answered, in which plans count by the day. */
export type BudgetUnit = 'nano_usd' | 'tokens' | 'calls'

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
  /** 1 for a call that takes a unit of the plan, which one on a key of the account's own does not. */
  calls: number
}

/** What of it counts against a budget. */
export const amountAt = (budget: Pick<Budget, 'kind' | 'unit'>, amounts: Amounts): number => amounts[countedBy(budget)]

/** Which of the amounts a budget counts. */
export const countedBy = ({ kind, unit }: Pick<Budget, 'kind' | 'unit'>): keyof Amounts =>
  unit === 'nano_usd' ? 'nanoUsd' : unit === 'calls' ? 'calls' : kind === 'plan' ? 'planTokens' : 'tokens'

export const NOTHING: Amounts = { nanoUsd: 0, tokens: 0, planTokens: 0, calls: 0 }
