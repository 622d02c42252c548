import { schedulesRest } from '#server/automation/schedules/schedules.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({
  GET: schedulesRest.heartbeat,
  POST: schedulesRest.updateHeartbeat,
  PUT: schedulesRest.updateHeartbeatAlias,
  DELETE: schedulesRest.resetHeartbeat,
})
export const action = loader
