import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import { Job } from './jobs.contract.ts'
import { jobs } from './jobs.operations.ts'

export const jobsRest = {
  get: bind({
    id: 'getJob',
    tag: 'chat',
    operation: jobs.get,
    output: z.object({ job: Job }),
    body: (job) => ({ job }),
    errors: [403, 404],
  }),
  enqueueChat: bind({ id: 'enqueueGatewayChat', tag: 'chat', operation: jobs.enqueueChat, status: 202, errors: [404, 502, 503] }),
}
