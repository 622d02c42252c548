import { describeInstantSplit, executeInstantSplit } from '#server/money/splits/splits.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: describeInstantSplit, POST: executeInstantSplit })
export const action = loader
