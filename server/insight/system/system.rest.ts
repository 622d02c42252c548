import { bind } from '#server/platform/operations/index.ts'
import { system } from './system.operations.ts'

const HOUR_SECONDS = 3600

export const systemRest = {
  health: bind({
    id: 'getHealth',
    tag: 'health',
    operation: system.health,
    errorBody: (status) => (status === 500 ? { status: 'error', health: 'unhealthy', timestamp: new Date().toISOString() } : {}),
  }),
  serviceHealth: bind({ id: 'getServiceHealth', tag: 'health', operation: system.serviceHealth }),
  readiness: bind({ id: 'getReadiness', tag: 'health', operation: system.readiness, errors: [503] }),
  version: bind({
    id: 'getVersion',
    tag: 'health',
    operation: system.version,
    headers: { 'cache-control': `max-age=${HOUR_SECONDS}, stale-while-revalidate=${HOUR_SECONDS}` },
  }),
  openapi: bind({ id: 'getOpenapi', tag: 'health', operation: system.openapi }),
  capabilities: bind({ id: 'getCapabilities', tag: 'health', operation: system.capabilities }),
}
