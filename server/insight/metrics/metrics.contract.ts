import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { HealthWord } from '../system/system.contract.ts'

const count = z.int().min(0)
const percent = z.number().min(0).max(100)
const measured = percent.nullable()
const accountId = z.string().min(1).describe('Your account id. Admins may use any.')

const AgentCounts = z
  .object({
    total: count.describe('All of them.'),
    active: count.describe('Those that are up.'),
    inactive: count.describe('The others.'),
    failed: count.describe('Those whose last start failed.'),
  })
  .meta({ id: 'AgentCounts', description: 'How many agents the account has.' })
const MessageCounts = z
  .object({
    today: count.describe('Since midnight.'),
    thisWeek: count.describe('Since Monday.'),
    thisMonth: count.describe('Since the first of the month.'),
  })
  .meta({ id: 'MessageCounts', description: 'By the calendar, in UTC; weeks begin on Monday.' })
const DeploymentCounts = z
  .object({
    total: count.describe('All starts that have ended.'),
    successful: count.describe('Those after which the agent was up.'),
    failed: count.describe('Those that failed.'),
  })
  .meta({ id: 'DeploymentCounts', description: 'Starts of the agents there are, and how they ended.' })
const Uptime = z
  .object({
    platformUptime: measured.describe('Of the last 30 days, since the server first ran.'),
    averageAgentUptime: measured.describe('Of the last 30 days, since each agent was made.'),
  })
  .meta({ id: 'Uptime', description: 'Percent.' })
const PerformanceFigures = z
  .object({
    averageResponseTime: z.number().min(0).nullable().describe('Milliseconds.'),
    successRate: measured.describe('Percent of messages that were answered.'),
    errorRate: measured.describe('Percent of messages that got no answer.'),
    cpu: measured.describe('Percent of the processors in use.'),
    memory: measured.describe('Percent of the memory in use.'),
  })
  .meta({
    id: 'PerformanceFigures',
    description: 'Answers of the last 24 hours; load of the machine now. Null where nothing was measured.',
  })
const StorageUse = z
  .object({
    used: z.number().min(0).describe('What is stored.'),
    total: z.number().min(0).describe('What the plan has room for.'),
    percentUsed: percent.describe('Share of that room in use, in percent.'),
  })
  .meta({ id: 'StorageUse', description: 'Files, in megabytes.' })

export const PlatformMetrics = z
  .object({
    agents: AgentCounts,
    messages: MessageCounts,
    deployments: DeploymentCounts,
    uptime: Uptime,
    performance: PerformanceFigures,
    storage: StorageUse,
  })
  .meta({ id: 'PlatformMetrics', description: 'Figures over all agents of the account.' })
export type PlatformMetrics = z.infer<typeof PlatformMetrics>
export const Metrics = z
  .object({
    metrics: PlatformMetrics,
    timestamp: timestamp.describe('When this answer was made.'),
    status: z.literal('ok').describe('Always `ok`.'),
    plan: z.string().nullable().describe('Plan of the account; null without one.'),
  })
  .meta({ id: 'Metrics', description: 'Figures over all agents of the account, and when they were taken.' })
export type Metrics = z.infer<typeof Metrics>

const DeploymentInfo = z
  .object({
    provider: z.string().describe('Who runs the machine, as far as it is known.'),
    environment: z.string().describe('What the server was started for, such as `production`.'),
  })
  .meta({ id: 'DeploymentInfo', description: 'What is known of where the server runs.' })
const RuntimeInfo = z
  .object({
    platform: z.string().describe('Operating system.'),
    arch: z.string().describe('Processor architecture.'),
    rssMb: z.number().min(0).describe('Memory of the process, in megabytes.'),
    node: z.string().describe('Version of Node.js.'),
    heapUsedMb: z.number().min(0).describe('Heap in use, in megabytes.'),
    heapTotalMb: z.number().min(0).describe('Heap in all, in megabytes.'),
    externalMb: z.number().min(0).describe('Memory outside of the heap, in megabytes.'),
  })
  .meta({ id: 'RuntimeInfo', description: 'The process of the server.' })
export const Stats = z
  .object({
    cpu: percent.describe('Percent of the processors in use.'),
    memory: percent.describe('Percent of the memory in use.'),
    uptime: count.describe('Seconds.'),
    messages: count.describe('Messages of the account.'),
    errors: count.describe('Messages of the account that got no answer.'),
    health: HealthWord,
    timestamp: timestamp.describe('When this answer was made.'),
    deployment: DeploymentInfo,
    runtime: RuntimeInfo,
  })
  .meta({ id: 'SystemStats', description: 'The load of the server, and counts of the account.' })
export type Stats = z.infer<typeof Stats>

const MetricsRange = z.enum(['24h', '7d', '30d']).meta({
  id: 'MetricsRange',
  description: 'How far back to look.',
  'x-enumDescriptions': { '24h': 'The last 24 hours.', '7d': 'The last 7 days.', '30d': 'The last 30 days.' },
})
export type MetricsRange = z.infer<typeof MetricsRange>
export const GetHistory = z.object({ userId: accountId, range: MetricsRange.default('24h') })
export type GetHistory = z.output<typeof GetHistory>
const MetricPoint = z
  .object({
    timestamp: timestamp.describe('When the hour began.'),
    cpu: percent.describe('Percent of the processors in use.'),
    memory: percent.describe('Percent of the memory in use.'),
    messages: count.describe('Messages of that hour.'),
    errors: count.describe('Messages of that hour that got no answer.'),
  })
  .meta({ id: 'MetricPoint', description: 'One hour in which something was measured.' })
const average = z.number().min(0).nullable()
const MetricAverages = z
  .object({
    cpu: average.describe('Percent of the processors in use.'),
    memory: average.describe('Percent of the memory in use.'),
    messages: average.describe('Messages an hour.'),
    errors: average.describe('Messages an hour that got no answer.'),
  })
  .meta({ id: 'MetricAverages', description: 'Over the points; null when there are none.' })
export const MetricHistory = z
  .object({
    userId: z.string().describe('Id of the account.'),
    timeRange: MetricsRange,
    metrics: z
      .array(MetricPoint)
      .max(30 * 24 + 1)
      .describe('One point an hour, oldest first.'),
    averages: MetricAverages,
  })
  .meta({ id: 'MetricHistory', description: 'Figures of an account, hour by hour.' })
export type MetricHistory = z.infer<typeof MetricHistory>

export const OfAccount = z.object({ userId: accountId })
export type OfAccount = z.output<typeof OfAccount>
export const Performance = z
  .object({
    cpu: measured.describe('Of the machine the agents run on; null while none of them is up.'),
    memory: measured.describe('Of the machine the agents run on; null while none of them is up.'),
    errorRate: measured.describe('Of the last hour.'),
    responseTime: z.number().min(0).nullable().describe('Milliseconds, mean of the last hour.'),
  })
  .meta({ id: 'Performance', description: 'How the agents of an account are doing now.' })
export type Performance = z.infer<typeof Performance>

const change = z.string().nullable()
const Revenue = z
  .object({
    month: z.string().describe('This month, such as `$0.00`.'),
    total: z.string().describe('In all, such as `$0.00`.'),
    change: change.describe('Compared with the month before; null when it cannot be said.'),
  })
  .meta({ id: 'RevenueSummary', description: 'What was earned. Nothing books money to an account yet.' })
const Bookings = z
  .object({
    completed: count.describe('Those that took place.'),
    pending: count.describe('Those that are open.'),
    conversion: change.describe('Share that took place; null when it cannot be said.'),
  })
  .meta({ id: 'BookingSummary', description: 'Bookings. Nothing makes any yet.' })
const FanSegments = z
  .object({
    superfans: count.describe('The closest.'),
    casual: count.describe('Those that come now and then.'),
    new: count.describe('Those that came lately.'),
  })
  .meta({ id: 'FanSegments', description: 'Fans, by how close they are.' })
const Fans = z
  .object({
    total: count.describe('All of them.'),
    active: count.describe('Those that came lately.'),
    growth: change.describe('Compared with the month before; null when it cannot be said.'),
    segmentation: FanSegments,
  })
  .meta({ id: 'FanSummary', description: 'Fans. Nothing counts any yet.' })
const Streams = z
  .object({
    monthlyListeners: count.nullable().describe('Listeners this month; null when nobody counts.'),
    monthlyStreams: count.describe('Plays this month.'),
    growth: change.describe('Compared with the month before; null when it cannot be said.'),
  })
  .meta({ id: 'StreamSummary', description: 'Plays of music. Nothing counts any yet.' })
const Skills = z
  .object({
    active: count.describe('Those that are switched on.'),
    total: count.describe('Those that are installed.'),
    growth: change.describe('Compared with the month before; null when it cannot be said.'),
  })
  .meta({ id: 'SkillSummary', description: 'Skills of the agents of the account.' })
export const MetricsSummary = z
  .object({ revenue: Revenue, bookings: Bookings, fans: Fans, streams: Streams, skills: Skills })
  .meta({ id: 'MetricsSummary', description: 'A summary for a music business, as far as there are figures.' })
export type MetricsSummary = z.infer<typeof MetricsSummary>
