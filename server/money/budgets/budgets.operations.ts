import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './budgets.contract.ts'
import * as service from './budgets.service.ts'
import { examples } from './budgets.examples.ts'

export const budgets = {
  list: defineQuery({
    name: 'budgets.list',
    summary: 'List budgets',
    description:
      'With how much of each is used in the window that runs. What the plan includes and the spend limits of keys are among them.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.ListBudgets,
    output: contract.BudgetList,
    example: examples.list,
    run: service.listBudgets,
  }),
  history: defineQuery({
    name: 'budgets.history',
    summary: 'See past windows of a budget',
    description: 'The newest first, the one that runs included. Windows in which nothing was called are left out.',
    access: 'account',
    scope: 'payments:read',
    bucket: 'general',
    input: contract.BudgetRef,
    output: contract.BudgetHistory,
    example: examples.history,
    run: service.listHistory,
  }),
  set: defineMutation({
    name: 'budgets.set',
    summary: 'Set a budget',
    description:
      'Makes one, or changes the one there is of the same kind, owner, unit and period. All budgets that a call counts against have to allow it. What was used in the window before counts.',
    access: 'session',
    scope: 'payments:write',
    bucket: 'general',
    input: contract.SetBudget,
    output: contract.Budget,
    makes: ({ id }) => [id],
    audit: { values: ['kind', 'unit', 'period', 'limit', 'timeZone'] },
    example: examples.set,
    run: service.setBudget,
  }),
  remove: defineMutation({
    name: 'budgets.remove',
    summary: 'Remove a budget',
    description: 'Its history goes with it.',
    access: 'session',
    scope: 'payments:write',
    bucket: 'general',
    input: contract.BudgetRef,
    output: contract.BudgetRemoved,
    removes: ({ budgetId }) => budgetId,
    example: examples.remove,
    run: service.removeBudget,
  }),
}
