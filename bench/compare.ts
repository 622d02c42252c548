import { inTurns, load, median, type LoadRequest, type LoadResult } from './load.ts'
import type { BenchServer } from './processes.ts'

export interface BenchOptions {
  rounds: number
  seconds: number
}

/** Loads both servers in turns with the same request and prints the medians and their ratio. */
export async function compareLoad(
  title: string,
  aim: string,
  request: LoadRequest,
  agentbot: BenchServer,
  bare: BenchServer,
  { rounds, seconds }: BenchOptions,
): Promise<void> {
  await load(agentbot, request, 2)
  await load(bare, request, 2)
  const results = await inTurns(
    rounds,
    () => load(agentbot, request, seconds),
    () => load(bare, request, seconds),
  )
  printComparison(title, aim, results)
}

/** Prints the medians of both sides (A: Agentbot, B: the bare server) and their ratio. */
export function printComparison(title: string, aim: string, results: { a: LoadResult[]; b: LoadResult[] }): void {
  const rate = (side: 'a' | 'b') => median(results[side].map(({ requestsPerSecond }) => requestsPerSecond))
  const cpu = (side: 'a' | 'b') => median(results[side].map(({ cpuMsPerRequest }) => cpuMsPerRequest))
  console.log(
    `${title}: ${rate('a').toFixed(0)} requests/s, bare ${rate('b').toFixed(0)}, ratio ${(rate('a') / rate('b')).toFixed(3)} (aim ${aim})`,
  )
  console.log(`  server CPU per request: ${cpu('a').toFixed(3)} ms, bare ${cpu('b').toFixed(3)} ms`)
}
