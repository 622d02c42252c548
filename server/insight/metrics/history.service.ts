import { type AccountContext, accountOf } from '#server/platform/core/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { flushUsage } from '#server/models/metering/index.ts'
import { contextOf } from './metrics-access.ts'
import { listHours } from './metric-hours.queries.ts'
import type { GetHistory, MetricHistory, MetricsRange } from './metrics.contract.ts'
import { mean, round, roundOrNull } from './metrics.rules.ts'

const hoursOf: Record<MetricsRange, number> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 }

/** Hours in which an agent of the account was up, oldest first; none where agents run on other machines than servers. @throws MetricsForbidden */
export async function getHistory(ctx: AccountContext, { userId, range }: GetHistory): Promise<MetricHistory> {
  const theirs = await contextOf(ctx, userId)
  await flushUsage(ctx.platform)
  // What is measured is the load of the machines of servers.
  const hours = driverOf(ctx.platform).runsElsewhere ? [] : await listHours(theirs.db, accountOf(theirs), hoursOf[range])
  const metrics = hours.map(({ hour, cpuPercent, memoryPercent, messages, errors }) => ({
    timestamp: hour,
    cpu: round(cpuPercent),
    memory: round(memoryPercent),
    messages,
    errors,
  }))
  const average = (figure: 'cpu' | 'memory' | 'messages' | 'errors') => roundOrNull(mean(metrics.map((point) => point[figure])))
  const averages = { cpu: average('cpu'), memory: average('memory'), messages: average('messages'), errors: average('errors') }
  return { userId, timeRange: range, metrics, averages }
}
