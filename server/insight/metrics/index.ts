export { forgetOldMetrics, keepMetricHours } from './metric-hours.service.ts'
export { watchQueues } from './queue-lengths.service.ts'
