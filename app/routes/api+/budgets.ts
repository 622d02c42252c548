import { budgetsRest } from '#server/money/budgets/budgets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: budgetsRest.list, PUT: budgetsRest.set })
export const action = loader
