import autocannon from 'autocannon'
import type { BenchServer } from './processes.ts'

export interface LoadResult {
  requestsPerSecond: number
  cpuMsPerRequest: number
}

export interface LoadRequest {
  path: string
  method?: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  /** Sent once each, in this order, instead of one body for some seconds. */
  bodies?: string[]
}

const CONNECTIONS = 16

/** Sends one request over and over, or each of several bodies once, and counts what comes back. @throws when an answer is not 2xx. */
export async function load(
  server: BenchServer,
  { path, method = 'GET', headers, body, bodies }: LoadRequest,
  seconds: number,
): Promise<LoadResult> {
  const cpuBefore = server.cpuMs()
  const result = await autocannon({
    url: server.url + path,
    method,
    headers,
    ...(body ? { body } : {}),
    connections: CONNECTIONS,
    ...(bodies ? sendEach(bodies) : { duration: seconds }),
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${server.url}${path}: ${result.non2xx} answers were not 2xx, ${result.errors} failed.`)
  return {
    requestsPerSecond: result.requests.total / result.duration,
    cpuMsPerRequest: (server.cpuMs() - cpuBefore) / result.requests.total,
  }
}

function sendEach(bodies: string[]) {
  let next = 0
  const setupRequest = (request: object) => ({ ...request, body: bodies[next++] })
  // It notices the end when it takes a sample, and counts the time up to then.
  return { amount: bodies.length, requests: [{ setupRequest }], sampleInt: 20 }
}

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Measures A and B in turns, A B then B A, so that drift of the machine hits both alike. */
export async function inTurns<T>(rounds: number, a: () => Promise<T>, b: () => Promise<T>): Promise<{ a: T[]; b: T[] }> {
  const results = { a: [] as T[], b: [] as T[] }
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) results.a.push(await a())
    results.b.push(await b())
    if (round % 2 === 1) results.a.push(await a())
  }
  return results
}
