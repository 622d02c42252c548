import { schedulesRest } from '#server/automation/schedules/schedules.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: schedulesRest.cronJobs, POST: schedulesRest.createCronJob, DELETE: schedulesRest.deleteCronJob })
export const action = loader
