import { gatewayRest } from '#server/api/gateway/gateway.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: gatewayRest.plugins, POST: gatewayRest.route, OPTIONS: gatewayRest.preflight })
export const action = loader
