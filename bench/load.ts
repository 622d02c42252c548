import autocannon from 'autocannon'
import type { BenchServer } from './processes.ts'

export interface LoadResult {
  requestsPerSecond: number
  cpuMsPerRequest: number
}

/** Sends one request over and over through 16 connections and counts what comes back. */
export async function load(server: BenchServer, request: { path: string; method?: 'GET' | 'POST'; headers: Record<string, string>; body?: string }, seconds: number): Promise<LoadResult> {
  const cpuBefore = server.cpuMs()
  const result = await autocannon({ url: server.url + request.path, method: request.method ?? 'GET', headers: request.headers, ...(request.body ? { body: request.body } : {}), connections: 16, duration: seconds })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${server.url}${request.path}: ${result.non2xx} answers were not 2xx, ${result.errors} failed.`)
  return { requestsPerSecond: result.requests.total / result.duration, cpuMsPerRequest: (server.cpuMs() - cpuBefore) / result.requests.total }
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
