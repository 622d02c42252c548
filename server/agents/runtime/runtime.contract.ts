import { z } from 'zod'
import { AgentStatus, LifecycleResult, LifecycleStatus } from '../definitions/agents.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']).meta({ id: 'LogLevel' })

export const LogEntry = z
  .object({
    id: z.string(),
    timestamp,
    level: LogLevel,
    message: z.string(),
    source: z.string().describe('Part of the system that wrote the line: `agent`, `runtime`, `watchdog` or `channel`.'),
    agentId: z.string(),
  })
  .meta({ id: 'LogEntry' })
export type LogEntry = z.infer<typeof LogEntry>

export const ListLogs = z.object({
  agentId: z.string().min(1),
  limit: z
    .int('expected a whole number')
    .min(1, 'expected 1 or more')
    .default(50)
    .transform((value) => Math.min(value, 100))
    .meta({ description: 'Most entries to give back. Over 100 counts as 100.' }),
  level: LogLevel.optional().describe('Only this level.'),
})
export type ListLogs = z.infer<typeof ListLogs>

export const FilterLogs = ListLogs.omit({ limit: true })
export type FilterLogs = z.infer<typeof FilterLogs>

export const LogList = z
  .object({ logs: z.array(LogEntry).max(100), total: z.int().min(0).describe('Matching lines kept.'), limit: z.int().min(1).max(100) })
  .meta({ id: 'LogList', description: 'Newest first.' })
export type LogList = z.infer<typeof LogList>

const Ready = z
  .object({ type: z.literal('ready'), agentId: z.string() })
  .meta({ id: 'AgentLogReady', description: 'The first event: what is written from now on will come.' })
const LogLine = z.object({ type: z.literal('log'), ...LogEntry.shape }).meta({ id: 'AgentLogLine' })
const LogGone = z
  .object({ type: z.literal('deleted'), agentId: z.string(), timestamp })
  .meta({ id: 'AgentLogDeleted', description: 'The agent is gone, and its log with it. The last event.' })
export const LogEvent = z.discriminatedUnion('type', [Ready, LogLine, LogGone]).meta({ id: 'AgentLogEvent' })
export type LogEvent = z.infer<typeof LogEvent>

export const FollowAgents = z.object({ agentId: z.string().min(1).optional().describe('Only this agent; all of yours when left out.') })
export type FollowAgents = z.infer<typeof FollowAgents>

const FollowReady = z
  .object({ type: z.literal('ready') })
  .meta({ id: 'AgentEventsReady', description: 'What changes from now on will come.' })
const StatusEvent = z
  .object({ type: z.literal('status'), agentId: z.string(), status: AgentStatus, timestamp })
  .meta({ id: 'AgentStatusChanged', description: 'The state an agent has now. At first one comes for each agent.' })
const DeletedEvent = z
  .object({ type: z.literal('deleted'), agentId: z.string(), timestamp })
  .meta({ id: 'AgentDeletedEvent', description: 'An agent is gone. The last event when only that agent is watched.' })
export const AgentEvent = z.discriminatedUnion('type', [FollowReady, StatusEvent, DeletedEvent]).meta({ id: 'AgentEvent' })
export type AgentEvent = z.infer<typeof AgentEvent>

export const UpdateImage = z.object({
  agentId: z.string().min(1),
  image: z
    .string()
    .min(1, 'expected 1 to 255 characters')
    .max(255, 'expected 1 to 255 characters')
    .optional()
    .describe('Image to run. The server default when left out.'),
})
export type UpdateImage = z.infer<typeof UpdateImage>

export const ImageUpdateResult = z
  .object({
    ...LifecycleResult.shape,
    image: z.string().describe('Image now in use.'),
    previousImage: z.string().nullable(),
    backupPath: z.string().nullable().describe('Where the data was saved before the change; null when there was nothing to save.'),
    openclawVersion: z.string().nullable().describe('Version of the agent runtime.'),
  })
  .meta({ id: 'ImageUpdateResult' })
export type ImageUpdateResult = z.infer<typeof ImageUpdateResult>

export const LifecycleMessage = z
  .object({ success: z.literal(true), message: z.string(), status: LifecycleStatus.optional() })
  .meta({ id: 'LifecycleMessage' })
export type LifecycleMessage = z.infer<typeof LifecycleMessage>

export const GatewayToken = z
  .object({
    token: z
      .string()
      .regex(/^[0-9a-f]{48,64}$/)
      .describe('64 hex characters from 32 random bytes.'),
  })
  .meta({ id: 'GatewayToken' })
export type GatewayToken = z.infer<typeof GatewayToken>

const count = z.int().min(0)
export const SyncResult = z
  .object({
    success: z.literal(true),
    agentId: z.string(),
    gatewayId: z.string().describe('The instance of the agent.'),
    deployedAt: timestamp,
    details: z.object({ skillsDeployed: count, memoriesDeployed: count, filesDeployed: count }).meta({ id: 'SyncCounts' }),
  })
  .meta({ id: 'SyncResult', description: 'What the runtime confirmed.' })
export type SyncResult = z.infer<typeof SyncResult>
