import { budgetsRest } from '#server/money/budgets/budgets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ DELETE: budgetsRest.remove })
export const action = loader
