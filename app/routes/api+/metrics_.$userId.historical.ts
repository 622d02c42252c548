import { metricsRest } from '#server/insight/metrics/metrics.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: metricsRest.history })
export const action = loader
