import { operations } from '#server/operations.ts'
import { exposeQueries } from './expose.ts'

const { metrics } = operations

exposeQueries({
  metrics: metrics.platform,
  systemStats: metrics.stats,
  metricHistory: metrics.history,
  currentPerformance: metrics.performance,
  metricsSummary: metrics.summary,
})
