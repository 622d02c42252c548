import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { HealthWord } from '../system/system.contract.ts'

const count = z.int().min(0)
const percent = z.number().min(0).max(100)
const measured = percent.nullable()
const accountId = z.string().min(1).describe('Your account id. Admins may use any.')

const AgentCounts = z.object({ total: count, active: count, inactive: count, failed: count }).meta({ id: 'AgentCounts' })
const MessageCounts = z
  .object({ today: count, thisWeek: count, thisMonth: count })
  .meta({ id: 'MessageCounts', description: 'By the calendar, in UTC; weeks begin on Monday.' })
const DeploymentCounts = z
  .object({ total: count, successful: count, failed: count })
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
    successRate: measured,
    errorRate: measured,
    cpu: measured,
    memory: measured,
  })
  .meta({
    id: 'PerformanceFigures',
    description: 'Answers of the last 24 hours; load of the machine now. Null where nothing was measured.',
  })
const StorageUse = z
  .object({ used: z.number().min(0), total: z.number().min(0), percentUsed: percent })
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
  .meta({ id: 'PlatformMetrics' })
export type PlatformMetrics = z.infer<typeof PlatformMetrics>
export const Metrics = z
  .object({
    metrics: PlatformMetrics,
    timestamp,
    status: z.literal('ok'),
    plan: z.string().nullable(),
  })
  .meta({ id: 'Metrics' })
export type Metrics = z.infer<typeof Metrics>

const DeploymentInfo = z
  .object({ provider: z.string(), environment: z.string() })
  .meta({ id: 'DeploymentInfo', description: 'What is known of where the server runs.' })
const RuntimeInfo = z
  .object({
    platform: z.string(),
    arch: z.string(),
    rssMb: z.number().min(0),
    node: z.string(),
    heapUsedMb: z.number().min(0),
    heapTotalMb: z.number().min(0),
    externalMb: z.number().min(0),
  })
  .meta({ id: 'RuntimeInfo' })
export const Stats = z
  .object({
    cpu: percent,
    memory: percent,
    uptime: count.describe('Seconds.'),
    messages: count,
    errors: count,
    health: HealthWord,
    timestamp,
    deployment: DeploymentInfo,
    runtime: RuntimeInfo,
  })
  .meta({ id: 'SystemStats' })
export type Stats = z.infer<typeof Stats>

const MetricsRange = z.enum(['24h', '7d', '30d']).meta({ id: 'MetricsRange' })
export type MetricsRange = z.infer<typeof MetricsRange>
export const GetHistory = z.object({ userId: accountId, range: MetricsRange.default('24h') })
export type GetHistory = z.output<typeof GetHistory>
const MetricPoint = z
  .object({ timestamp, cpu: percent, memory: percent, messages: count, errors: count })
  .meta({ id: 'MetricPoint', description: 'One hour in which something was measured.' })
const average = z.number().min(0).nullable()
const MetricAverages = z
  .object({ cpu: average, memory: average, messages: average, errors: average })
  .meta({ id: 'MetricAverages', description: 'Over the points; null when there are none.' })
export const MetricHistory = z
  .object({ userId: z.string(), timeRange: MetricsRange, metrics: z.array(MetricPoint).max(30 * 24 + 1), averages: MetricAverages })
  .meta({ id: 'MetricHistory' })
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
  .meta({ id: 'Performance' })
export type Performance = z.infer<typeof Performance>

const change = z.string().nullable()
const Revenue = z.object({ month: z.string(), total: z.string(), change }).meta({ id: 'RevenueSummary' })
const Bookings = z.object({ completed: count, pending: count, conversion: change }).meta({ id: 'BookingSummary' })
const FanSegments = z.object({ superfans: count, casual: count, new: count }).meta({ id: 'FanSegments' })
const Fans = z.object({ total: count, active: count, growth: change, segmentation: FanSegments }).meta({ id: 'FanSummary' })
const Streams = z.object({ monthlyListeners: count.nullable(), monthlyStreams: count, growth: change }).meta({ id: 'StreamSummary' })
const Skills = z.object({ active: count, total: count, growth: change }).meta({ id: 'SkillSummary' })
export const MetricsSummary = z
  .object({ revenue: Revenue, bookings: Bookings, fans: Fans, streams: Streams, skills: Skills })
  .meta({ id: 'MetricsSummary' })
export type MetricsSummary = z.infer<typeof MetricsSummary>
