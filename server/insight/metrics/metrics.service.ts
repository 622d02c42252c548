import { getEntitlements } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { getStorageUse } from '#server/agents/files/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { flushUsage } from '#server/models/metering/index.ts'
import { healthOf, measureLoad } from '../system/index.ts'
import { contextOf } from './metrics-access.ts'
import type { Metrics, OfAccount, Performance, PlatformMetrics, Stats } from './metrics.contract.ts'
import * as queries from './metrics.queries.ts'
import { healthWith, percentOf, round, roundOrNull } from './metrics.rules.ts'

const BYTES_PER_MB = 1024 * 1024

/** Figures over all agents of the account. What was never measured is null. */
export async function getMetrics(ctx: AccountContext): Promise<Metrics> {
  const { db } = ctx
  const accountId = accountOf(ctx)
  await flushUsage(ctx.platform)
  const [agents, messages, starts, platformUptime, agentUptime, performance, storage] = await Promise.all([
    queries.countAgents(db, accountId),
    queries.countMessages(db, accountId),
    queries.countStarts(db, accountId),
    queries.findPlatformUptime(db),
    queries.findAgentUptime(db, accountId),
    measurePerformance(ctx, 24),
    getStorageUse(ctx),
  ])
  const metrics: PlatformMetrics = {
    agents: { ...agents, inactive: agents.total - agents.active - agents.failed },
    messages: { today: messages.today, thisWeek: messages.thisWeek, thisMonth: messages.thisMonth },
    deployments: { total: starts.successful + starts.failed, ...starts },
    uptime: { platformUptime: roundOrNull(platformUptime), averageAgentUptime: roundOrNull(agentUptime) },
    performance: {
      averageResponseTime: performance.responseTime,
      successRate: performance.errorRate === null ? null : round(100 - performance.errorRate),
      errorRate: performance.errorRate,
      cpu: performance.cpu,
      memory: performance.memory,
    },
    storage: {
      used: round(storage.usedBytes / BYTES_PER_MB),
      total: round(storage.limitBytes / BYTES_PER_MB),
      percentUsed: percentOf(storage.usedBytes, storage.limitBytes) ?? 0,
    },
  }
  return { metrics, timestamp: new Date().toISOString(), status: 'ok', plan: getEntitlements(ctx).plan }
}

/** Load of this machine now, and what is stored of the account. */
export async function getStats(ctx: AccountContext): Promise<Stats> {
  const { db } = ctx
  const accountId = accountOf(ctx)
  await flushUsage(ctx.platform)
  const [messages, errors, lastHour] = await Promise.all([
    queries.countMessages(db, accountId),
    queries.countErrors(db, accountId),
    queries.findRequestFigures(db, accountId, 1),
  ])
  const load = measureLoad()
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const inMb = (bytes: number) => round(bytes / BYTES_PER_MB)
  return {
    cpu: load.cpuPercent,
    memory: load.memoryPercent,
    uptime: Math.floor(process.uptime()),
    messages: messages.ever,
    errors,
    health: healthWith(healthOf(load), lastHour.errors),
    timestamp: new Date().toISOString(),
    deployment: { provider: 'self-hosted', environment: process.env.NODE_ENV ?? 'production' },
    runtime: {
      platform: process.platform,
      arch: process.arch,
      rssMb: inMb(rss),
      node: process.version,
      heapUsedMb: inMb(heapUsed),
      heapTotalMb: inMb(heapTotal),
      externalMb: inMb(external),
    },
  }
}

/** The last hour of the account, and the load now. @throws MetricsForbidden */
export async function getPerformance(ctx: AccountContext, { userId }: OfAccount): Promise<Performance> {
  const theirs = await contextOf(ctx, userId)
  await flushUsage(ctx.platform)
  return measurePerformance(theirs, 1)
}

/**
 * Where agents share the machine of the server its load is theirs; where they run elsewhere, and without one that is up, there is
 * nothing to measure.
 */
async function measurePerformance(ctx: AccountContext, hours: number): Promise<Performance> {
  const [agents, { requests, errors, averageMs }] = await Promise.all([
    queries.countAgents(ctx.db, accountOf(ctx)),
    queries.findRequestFigures(ctx.db, accountOf(ctx), hours),
  ])
  const load = agents.active > 0 && !driverOf(ctx.platform).runsElsewhere ? measureLoad() : undefined
  return {
    cpu: load?.cpuPercent ?? null,
    memory: load?.memoryPercent ?? null,
    errorRate: percentOf(errors, requests),
    responseTime: roundOrNull(averageMs),
  }
}
