import { gatewayRest } from '#server/api/gateway/gateway.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: gatewayRest.calls })
export const action = loader
