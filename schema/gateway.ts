import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'

const { gateway } = operations

exposeQueries({ gatewayPlugins: gateway.plugins, gatewayCalls: gateway.calls })
exposeMutations({ routeGatewayRequest: gateway.route })
exposeSubscriptions({ gatewayStream: gateway.stream })
