import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { budgets } = operations

exposeQueries({ budgets: budgets.list, budgetHistory: budgets.history })

exposeMutations({ setBudget: budgets.set, removeBudget: budgets.remove })
