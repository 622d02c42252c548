import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const JobStatus = z.enum(['queued', 'running', 'completed', 'failed']).meta({ id: 'JobStatus' })

export const JobType = z.enum(['gateway_chat_completion', 'provision_managed_runtime']).meta({ id: 'JobType' })
export const JobLane = z.enum(['deploy', 'runtime_exec', 'recovery']).meta({ id: 'JobLane' })

export const Job = z
  .object({
    id: z.string().meta({ pattern: '^job_' }),
    userId: z.string().nullable(),
    status: JobStatus,
    error: z.string().nullable().describe('Why the last attempt failed.'),
    result: z.looseObject({}).nullable().describe('What came of it; a chat job has the `reply` of the agent.'),
    agentId: z.string().nullable(),
    jobType: JobType,
    lane: JobLane,
    attempts: z.int().min(0),
    maxAttempts: z.int().min(1),
    createdAt: timestamp,
    updatedAt: timestamp,
    startedAt: timestamp.nullable().describe('Of the first attempt.'),
    completedAt: timestamp.nullable(),
  })
  .meta({ id: 'Job', description: 'Work that is done in the background.' })
export type Job = z.infer<typeof Job>

export const GetJob = z.object({ jobId: z.string().min(1) })
export type GetJob = z.infer<typeof GetJob>

export const MAX_MESSAGE_LENGTH = 32_000
const lengths = `expected 1 to ${MAX_MESSAGE_LENGTH} characters`
export const EnqueueChat = z.object({ message: z.string().min(1, lengths).max(MAX_MESSAGE_LENGTH, lengths) })
export type EnqueueChat = z.infer<typeof EnqueueChat>

export const ChatQueued = z
  .object({
    success: z.literal(true),
    queued: z.literal(true),
    jobId: z.string().meta({ pattern: '^job_' }),
    status: z.literal('queued'),
    agentId: z.string(),
    agentName: z.string(),
  })
  .meta({ id: 'ChatQueued' })
export type ChatQueued = z.infer<typeof ChatQueued>
