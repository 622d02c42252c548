import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { spokenText } from '#server/platform/core/texts.contract.ts'

export const JobStatus = z.enum(['queued', 'running', 'completed', 'failed']).meta({
  id: 'JobStatus',
  description: 'How far a job has come.',
  'x-enumDescriptions': {
    queued: 'Waits for its turn, or for its next attempt.',
    running: 'Being done.',
    completed: 'Done; `result` has what came of it.',
    failed: 'Given up; `error` says why.',
  },
})

export const JobType = z.enum(['gateway_chat_completion', 'provision_managed_runtime']).meta({
  id: 'JobType',
  description: 'What a job does.',
  'x-enumDescriptions': {
    gateway_chat_completion: 'Sends a message to an agent and waits for its reply.',
    provision_managed_runtime: 'Sets up the runtime of an agent.',
  },
})
export const JobLane = z.enum(['deploy', 'runtime_exec', 'recovery']).meta({
  id: 'JobLane',
  description: 'Which workers do a job.',
  'x-enumDescriptions': {
    deploy: 'Those that set runtimes up.',
    runtime_exec: 'Those that talk to agents.',
    recovery: 'Those that repair runtimes.',
  },
})

export const Job = z
  .object({
    id: z.string().meta({ pattern: '^job_' }).describe('Its id.'),
    userId: z.string().nullable().describe('Account it belongs to.'),
    status: JobStatus,
    error: z.string().nullable().describe('Why the last attempt failed.'),
    result: z.looseObject({}).nullable().describe('What came of it; a chat job has the `reply` of the agent.'),
    agentId: z.string().nullable().describe('Id of the agent; null where none is involved.'),
    jobType: JobType,
    lane: JobLane,
    attempts: z.int().min(0).describe('How often it was begun.'),
    maxAttempts: z.int().min(1).describe('How often it is begun at most.'),
    createdAt: timestamp.describe('When it was queued.'),
    updatedAt: timestamp.describe('When it was last changed.'),
    startedAt: timestamp.nullable().describe('Of the first attempt.'),
    completedAt: timestamp.nullable().describe('When it ended; null before.'),
  })
  .meta({ id: 'Job', description: 'Work that is done in the background.' })
export type Job = z.infer<typeof Job>

export const GetJob = z.object({ jobId: z.string().min(1).describe('Id of the job.') })
export type GetJob = z.infer<typeof GetJob>

export const MAX_MESSAGE_LENGTH = 32_000
const lengths = `expected 1 to ${MAX_MESSAGE_LENGTH} characters`
export const EnqueueChat = z.object({
  message: spokenText(MAX_MESSAGE_LENGTH, lengths).describe('What to say to the agent, 1 to 32,000 characters.'),
})
export type EnqueueChat = z.infer<typeof EnqueueChat>

export const ChatQueued = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    queued: z.literal(true).describe('Always true: a failure is an error instead.'),
    jobId: z.string().meta({ pattern: '^job_' }).describe('Id of the job to ask for.'),
    status: z.literal('queued').describe('Always `queued`.'),
    agentId: z.string().describe('Id of the agent that is asked.'),
    agentName: z.string().describe('What that agent is called.'),
  })
  .meta({ id: 'ChatQueued', description: 'A message that waits for an agent.' })
export type ChatQueued = z.infer<typeof ChatQueued>
