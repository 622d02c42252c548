import { topUpsRest } from '#server/money/top-ups/top-ups.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: topUpsRest.start, POST: topUpsRest.receive })
export const action = loader
