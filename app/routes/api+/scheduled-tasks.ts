import { schedulesRest } from '#server/automation/schedules/schedules.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({
  GET: schedulesRest.tasks,
  POST: schedulesRest.createTask,
  PUT: schedulesRest.updateTask,
  DELETE: schedulesRest.deleteTask,
})
export const action = loader
