import { defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './system.contract.ts'
import { getReadiness } from './readiness.service.ts'
import * as service from './system.service.ts'
import { examples } from './system.examples.ts'

export const system = {
  health: defineQuery({
    name: 'system.health',
    summary: 'Check that the server is up',
    description: 'Load never changes the status code: a degraded or unhealthy server still answers 200.',
    access: 'public',
    isForAnybody: true,
    bucket: 'general',
    input: contract.Nothing,
    output: contract.Health,
    example: examples.health,
    run: service.getHealth,
  }),
  serviceHealth: defineQuery({
    name: 'system.serviceHealth',
    summary: 'Check the service and whether agents can be started',
    access: 'public',
    isForAnybody: true,
    input: contract.Nothing,
    output: contract.ServiceHealth,
    example: examples.serviceHealth,
    run: service.getServiceHealth,
  }),
  readiness: defineQuery({
    name: 'system.readiness',
    summary: 'Check whether the server can carry out calls',
    description:
      'Fails with 503 and names in `missing` what is not there: `database`, `disk` or, while the server stops, `shutdown`. A server that is not ready should get no traffic, but need not be restarted.',
    access: 'public',
    isForAnybody: true,
    input: contract.Nothing,
    output: contract.Readiness,
    example: examples.readiness,
    run: getReadiness,
  }),
  version: defineQuery({
    name: 'system.version',
    summary: 'Get the platform version',
    access: 'public',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.Version,
    example: examples.version,
    run: service.getVersion,
  }),
  openapi: defineQuery({
    name: 'system.openapi',
    summary: 'Get the OpenAPI document of this server',
    access: 'public',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.OpenApiDocument,
    example: examples.openapi,
    run: service.getOpenApi,
  }),
  capabilities: defineQuery({
    name: 'system.capabilities',
    summary: 'See what this server is set up for',
    access: 'public',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.Capabilities,
    example: examples.capabilities,
    run: service.getCapabilities,
  }),
}
