import { z } from 'zod'
import { AgentStatus, LifecycleResult, LifecycleStatus } from '../definitions/agents.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']).meta({
  id: 'LogLevel',
  description: 'How much a line of a log matters.',
  'x-enumDescriptions': {
    debug: 'For whoever looks for a fault.',
    info: 'What happens as it should.',
    warn: 'What should be looked at.',
    error: 'What failed.',
  },
})

export const LogEntry = z
  .object({
    id: z.string().describe('Its id.'),
    timestamp: timestamp.describe('When it was written.'),
    level: LogLevel,
    message: z.string().describe('The line itself.'),
    source: z.string().describe('Part of the system that wrote the line: `agent`, `runtime`, `watchdog` or `channel`.'),
    agentId: z.string().describe('Id of the agent.'),
  })
  .meta({ id: 'LogEntry', description: 'One line of the log of an agent.' })
export type LogEntry = z.infer<typeof LogEntry>

export const ListLogs = z.object({
  agentId: z.string().min(1).describe('Id of the agent.'),
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
  .object({
    logs: z.array(LogEntry).max(100).describe('The lines, newest first.'),
    total: z.int().min(0).describe('Matching lines kept.'),
    limit: z.int().min(1).max(100).describe('Most lines of this answer.'),
  })
  .meta({ id: 'LogList', description: 'Newest first.' })
export type LogList = z.infer<typeof LogList>

const Ready = z
  .object({ type: z.literal('ready').describe('Always `ready`.'), agentId: z.string().describe('Id of the agent.') })
  .meta({ id: 'AgentLogReady', description: 'The first event: what is written from now on will come.' })
const LogLine = z
  .object({ type: z.literal('log').describe('Always `log`.'), ...LogEntry.shape })
  .meta({ id: 'AgentLogLine', description: 'A line of the log.' })
const LogGone = z
  .object({
    type: z.literal('deleted').describe('Always `deleted`.'),
    agentId: z.string().describe('Id of the agent.'),
    timestamp: timestamp.describe('When the agent was found to be gone.'),
  })
  .meta({ id: 'AgentLogDeleted', description: 'The agent is gone, and its log with it. The last event.' })
export const LogEvent = z
  .discriminatedUnion('type', [Ready, LogLine, LogGone])
  .meta({ id: 'AgentLogEvent', description: 'What happens while the log of an agent is watched.' })
export type LogEvent = z.infer<typeof LogEvent>

export const FollowAgents = z.object({ agentId: z.string().min(1).optional().describe('Only this agent; all of yours when left out.') })
export type FollowAgents = z.infer<typeof FollowAgents>

const FollowReady = z
  .object({ type: z.literal('ready').describe('Always `ready`.') })
  .meta({ id: 'AgentEventsReady', description: 'What changes from now on will come.' })
const StatusEvent = z
  .object({
    type: z.literal('status').describe('Always `status`.'),
    agentId: z.string().describe('Id of the agent.'),
    status: AgentStatus,
    timestamp: timestamp.describe('When it got that state.'),
  })
  .meta({ id: 'AgentStatusChanged', description: 'The state an agent has now. At first one comes for each agent.' })
const DeletedEvent = z
  .object({
    type: z.literal('deleted').describe('Always `deleted`.'),
    agentId: z.string().describe('Id of the agent.'),
    timestamp: timestamp.describe('When it was found to be gone.'),
  })
  .meta({ id: 'AgentDeletedEvent', description: 'An agent is gone. The last event when only that agent is watched.' })
export const AgentEvent = z
  .discriminatedUnion('type', [FollowReady, StatusEvent, DeletedEvent])
  .meta({ id: 'AgentEvent', description: 'What happens while agents are watched.' })
export type AgentEvent = z.infer<typeof AgentEvent>

export const UpdateImage = z.object({
  agentId: z.string().min(1).describe('Id of the agent.'),
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
    image: z.string().describe('Image now in use; of an agent that is stopped, the one it will be started on.'),
    previousImage: z.string().nullable().describe('Image it last ran on; null when it never ran, or that is not known.'),
    backupPath: z.string().nullable().describe('Where the data was saved before the change; null when there was nothing to save.'),
    openclawVersion: z
      .string()
      .nullable()
      .describe('Version of OpenClaw; null when it does not say, and for agents that run inside the server.'),
  })
  .meta({ id: 'ImageUpdateResult', description: 'What came of moving an agent to another image.' })
export type ImageUpdateResult = z.infer<typeof ImageUpdateResult>

export const LifecycleMessage = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    message: z.string().describe('What happened.'),
    status: LifecycleStatus.optional(),
  })
  .meta({ id: 'LifecycleMessage', description: 'What came of an action on the runtime of an agent, in words.' })
export type LifecycleMessage = z.infer<typeof LifecycleMessage>

export const GatewayToken = z
  .object({
    token: z
      .string()
      .regex(/^[0-9a-f]{48,64}$/)
      .describe('64 hex characters from 32 random bytes.'),
  })
  .meta({ id: 'GatewayToken', description: 'What a client opens the gateway of an agent with.' })
export type GatewayToken = z.infer<typeof GatewayToken>

const count = z.int().min(0)
export const SyncResult = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    agentId: z.string().describe('Id of the agent.'),
    gatewayId: z.string().describe('The instance of the agent.'),
    deployedAt: timestamp.describe('When the runtime confirmed it.'),
    details: z
      .object({
        skillsDeployed: count.describe('Skills.'),
        memoriesDeployed: count.describe('Memory values.'),
        filesDeployed: count.describe('Files: the texts among them, in the folder `files` of the workspace.'),
        filesLeftOut: count.describe('Files it was not given: no texts, over 100 kB, or beyond 500 kB in all.'),
      })
      .meta({ id: 'SyncCounts', description: 'How much of each the runtime has now.' }),
  })
  .meta({ id: 'SyncResult', description: 'What the runtime confirmed.' })
export type SyncResult = z.infer<typeof SyncResult>
