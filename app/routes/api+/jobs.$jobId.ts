import { jobsRest } from '#server/automation/jobs/jobs.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: jobsRest.get })
export const action = loader
