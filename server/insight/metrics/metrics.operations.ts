import { Nothing } from '#server/platform/core/common.contract.ts'
import { defineQuery } from '#server/platform/operations/index.ts'
import * as history from './history.service.ts'
import * as contract from './metrics.contract.ts'
import * as service from './metrics.service.ts'
import { getSummary } from './summary.service.ts'
import { examples } from './metrics.examples.ts'

const common = { access: 'account', scope: 'account:read', bucket: 'general' } as const

export const metrics = {
  platform: defineQuery({
    ...common,
    name: 'metrics.platform',
    summary: 'Get metrics of all agents of the account',
    input: Nothing,
    output: contract.Metrics,
    example: examples.platform,
    run: service.getMetrics,
  }),
  stats: defineQuery({
    ...common,
    name: 'metrics.stats',
    summary: 'Get the load of the server, and counts of the account',
    input: Nothing,
    output: contract.Stats,
    example: examples.stats,
    run: service.getStats,
  }),
  history: defineQuery({
    ...common,
    name: 'metrics.history',
    summary: 'Get metrics over time',
    description: 'One point per hour in which an agent of the account was up; the others are missing.',
    input: contract.GetHistory,
    output: contract.MetricHistory,
    example: examples.history,
    run: history.getHistory,
  }),
  performance: defineQuery({
    ...common,
    name: 'metrics.performance',
    summary: 'Get current performance',
    input: contract.OfAccount,
    output: contract.Performance,
    example: examples.performance,
    run: service.getPerformance,
  }),
  summary: defineQuery({
    ...common,
    name: 'metrics.summary',
    summary: 'Get a music business summary',
    input: contract.OfAccount,
    output: contract.MetricsSummary,
    example: examples.summary,
    run: getSummary,
  }),
}
