import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './budgets.contract.ts'
import { budgets } from './budgets.operations.ts'

const params = { id: 'budgetId' }

export const budgetsRest = {
  list: bind({
    id: 'listBudgets',
    tag: 'billing',
    operation: budgets.list,
    output: z.object({ budgets: contract.BudgetList }),
    body: (list) => ({ budgets: list }),
  }),
  set: bind({ id: 'setBudget', tag: 'billing', operation: budgets.set, errors: [403, 404] }),
  remove: bind({ id: 'removeBudget', tag: 'billing', operation: budgets.remove, params, errors: [403, 404] }),
  history: bind({
    id: 'getBudgetHistory',
    tag: 'billing',
    operation: budgets.history,
    params,
    output: z.object({ windows: contract.BudgetHistory }),
    body: (windows) => ({ windows }),
    errors: [404],
  }),
}
