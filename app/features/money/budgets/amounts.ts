import type { Budget } from '../../../../server/money/budgets/budgets.contract.ts'

/** An amount of a budget for people: cents as dollars, tokens with separators. */
export const showAmount = (unit: Budget['unit'], amount: number): string =>
  unit === 'tokens' ? `${amount.toLocaleString('en')} tokens` : (amount / 100).toLocaleString('en', { style: 'currency', currency: 'USD' })

const kinds = { workspace: 'Whole workspace', member: 'Member', agent: 'Agent', key: 'API key', plan: 'Plan' } as const

/** What a budget is called. */
export const nameOf = ({ kind, ownerName, ownerId }: Pick<Budget, 'kind' | 'ownerName' | 'ownerId'>): string =>
  kind === 'workspace' || kind === 'plan' ? kinds[kind] : `${kinds[kind]} ${ownerName ?? ownerId}`
