import { jobsRest } from '#server/automation/jobs/jobs.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: jobsRest.enqueueChat })
export const action = loader
