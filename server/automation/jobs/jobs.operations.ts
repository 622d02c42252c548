import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import { enqueueChat } from './gateway-chat.service.ts'
import * as contract from './jobs.contract.ts'
import * as service from './jobs.service.ts'
import { examples } from './jobs.examples.ts'

export const jobs = {
  get: defineQuery({
    name: 'jobs.get',
    summary: 'Get a background job',
    access: 'account',
    scope: 'chat:read',
    bucket: 'general',
    input: contract.GetJob,
    output: contract.Job,
    example: examples.get,
    run: service.getJob,
  }),
  enqueueChat: defineMutation({
    name: 'jobs.enqueueChat',
    summary: 'Queue a message for your agent',
    description:
      'Gives back a job id at once. A message over 800 characters takes two work slots, a shorter one takes one; an account has six a minute. Failed runs are tried up to three times.',
    access: 'account',
    scope: 'chat:write',
    bucket: 'general',
    idempotent: true,
    input: contract.EnqueueChat,
    output: contract.ChatQueued,
    makes: ({ jobId, agentId }) => [jobId, agentId],
    example: examples.enqueueChat,
    run: enqueueChat,
  }),
}
