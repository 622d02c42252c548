import { operations } from '#server/operations.ts'
import { exposeQueries } from './expose.ts'

const { system } = operations

exposeQueries({
  health: system.health,
  serviceHealth: system.serviceHealth,
  readiness: system.readiness,
  version: system.version,
  openApi: system.openapi,
  capabilities: system.capabilities,
})
