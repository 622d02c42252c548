import { Forbidden } from '#server/platform/core/index.ts'

export class MetricsForbidden extends Forbidden {
  constructor() {
    super('NOT_YOUR_METRICS', 'userId: you may only read your own metrics.', { field: 'userId' })
  }
}
