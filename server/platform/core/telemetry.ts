import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

// What Prometheus is told of this process. Nothing here names an account.

const registry = new Registry()
const registers = [registry]
collectDefaultMetrics({ register: registry })

const requestSeconds = new Histogram({
  name: 'agentbot_http_request_duration_seconds',
  help: 'Time until the headers of the answer were ready.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
  registers,
})
const modelCalls = new Counter({
  name: 'agentbot_model_calls_total',
  help: 'Calls of models.',
  labelNames: ['provider', 'outcome'],
  registers,
})
const modelTokens = new Counter({
  name: 'agentbot_model_tokens_total',
  help: 'Tokens of calls of models, as far as they were counted.',
  labelNames: ['provider', 'direction'],
  registers,
})
const turns = new Counter({ name: 'agentbot_turns_total', help: 'Messages agents answered, or not.', labelNames: ['status'], registers })
const rateLimited = new Counter({
  name: 'agentbot_rate_limited_total',
  help: 'Calls refused because a limit was used up.',
  labelNames: ['bucket'],
  registers,
})

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const knownRequests = new Map<string, ReturnType<typeof requestSeconds.labels>>()

/** Counts an answered request. `route` is the pattern of its path, of which there are few. It runs with every request, so it looks up once. */
export function countRequest(method: string, route: string, status: number, ms: number): void {
  const key = `${method} ${status} ${route}`
  let known = knownRequests.get(key)
  if (!known) {
    known = requestSeconds.labels(methods.has(method) ? method : 'other', route, String(status))
    // Callers can make up methods.
    if (methods.has(method)) knownRequests.set(key, known)
  }
  known.observe(ms / 1000)
}

interface CountedCall {
  provider: string
  outcome: string
  inputTokens: number | null
  outputTokens: number | null
}

/** Counts a call of a model and its tokens. */
export function countModelCall({ provider, outcome, inputTokens, outputTokens }: CountedCall): void {
  modelCalls.inc({ provider, outcome })
  if (inputTokens) modelTokens.inc({ provider, direction: 'input' }, inputTokens)
  if (outputTokens) modelTokens.inc({ provider, direction: 'output' }, outputTokens)
}

export const countTurn = (status: 'answered' | 'failed' | 'aborted'): void => turns.inc({ status })

/** @param bucket The limit that was used up; limits of API keys are one. */
export const countRateLimited = (bucket: string): void => rateLimited.inc({ bucket })

/** How much waits in a queue, and how much of it is worked on. */
export interface QueueLength {
  queue: string
  state: string
  length: number
}

let measure: () => Promise<QueueLength[]> = () => Promise.resolve([])

const queueLength = new Gauge({
  name: 'agentbot_queue_length',
  help: 'Work that waits (queued) or is being done (running), on all servers together.',
  labelNames: ['queue', 'state'],
  registers: [],
  async collect() {
    this.reset()
    for (const { queue, state, length } of await measure()) this.set({ queue, state }, length)
  },
})
registry.registerMetric(queueLength)

/** Has queues measured whenever Prometheus asks. */
export function measureQueues(how: () => Promise<QueueLength[]>): void {
  measure = how
}

export const telemetryContentType = registry.contentType

/** Everything that is counted, in the text format of Prometheus. */
export const renderTelemetry = (): Promise<string> => registry.metrics()
