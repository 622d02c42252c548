import { bind } from '#server/platform/operations/index.ts'
import { metrics } from './metrics.operations.ts'

export const metricsRest = {
  platform: bind({
    id: 'getMetrics',
    tag: 'metrics',
    operation: metrics.platform,
    errorBody: (status) => (status === 500 ? { metrics: {} } : {}),
  }),
  stats: bind({ id: 'getStats', tag: 'metrics', operation: metrics.stats }),
  history: bind({ id: 'getHistoricalMetrics', tag: 'metrics', operation: metrics.history }),
  performance: bind({ id: 'getPerformanceMetrics', tag: 'metrics', operation: metrics.performance }),
  summary: bind({ id: 'getMetricsSummary', tag: 'metrics', operation: metrics.summary }),
}
