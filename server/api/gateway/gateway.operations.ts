import { defineList, defineMutation, definePages, defineQuery, defineStream, placeByTime } from '#server/platform/operations/index.ts'
import * as calls from './calls.service.ts'
import * as contract from './gateway.contract.ts'
import * as service from './gateway.service.ts'
import { examples } from './gateway.examples.ts'

const pays =
  'Paid by plan or credits (stripe), by a transaction on the Tempo chain (mpp), by USDC on Base (x402) or out of a payment session. Money is taken only for a call that worked.'

export const gateway = {
  plugins: defineQuery({
    name: 'gateway.plugins',
    summary: 'List the plugins of the gateway and what they cost',
    access: 'public',
    bucket: 'gateway',
    input: contract.ListPlugins,
    output: contract.GatewayPluginList,
    example: examples.plugins,
    run: service.listGatewayPlugins,
  }),
  calls: defineList({
    name: 'gateway.calls',
    summary: 'List calls of the gateway',
    description: 'Your own, or those a payment session was to pay; newest first, at most 100.',
    access: 'optional',
    scope: 'account:read',
    bucket: 'general',
    input: contract.ListCalls,
    output: contract.GatewayCallList,
    pages: definePages({
      input: contract.ListCalls,
      node: contract.GatewayCall,
      place: placeByTime,
      list: calls.listCallPage,
      count: calls.countCalls,
    }),
    example: examples.calls,
    run: calls.listCalls,
  }),
  route: defineMutation({
    name: 'gateway.route',
    summary: 'Send a request to a plugin, paid by Stripe, MPP or a session',
    description: pays,
    access: 'optional',
    scope: 'chat:write',
    bucket: 'gateway',
    transaction: false,
    idempotent: true,
    input: contract.RouteRequest,
    output: contract.GatewayResponse,
    example: examples.route,
    run: service.routeRequest,
  }),
  stream: defineStream({
    name: 'gateway.stream',
    summary: 'Send a request to a plugin and watch its answer being written',
    description: `${pays} A stream is paid at its end, or when its reader leaves after the first piece.`,
    access: 'optional',
    scope: 'chat:write',
    bucket: 'gateway',
    input: contract.RouteRequest,
    output: contract.GatewayEvent,
    example: examples.stream,
    run: service.streamRequest,
  }),
}
