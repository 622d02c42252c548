import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVER, startServerProcess, type ServerProcess } from '../scripts/server-process.ts'

/** A server the benchmarks started, with what the operating system says of it. */
export interface BenchServer extends Pick<ServerProcess, 'url' | 'pid'> {
  /** CPU time it has used, in milliseconds. */
  cpuMs(): number
  /** Resident memory, in MB. */
  rssMb(): number
  stop(): Promise<void>
}

/** Starts a server to compare with. */
export async function startBare(script: string, environment: Record<string, string> = {}): Promise<BenchServer> {
  return withReadings(await startServerProcess(script, environment), async () => undefined)
}

/** Starts the built server of a checkout, this one unless another is named, on a data folder of its own. */
export async function startAgentbot(environment: Record<string, string> = {}, checkout?: string): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-bench-'))
  const server = await startServerProcess(
    SERVER,
    {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      RATE_LIMIT_SCALE: '1000000',
      ...(environment.DATABASE_URL ? { APP_SECRET: 'only for benchmarks, and long enough for that' } : {}),
      ...environment,
    },
    checkout,
  )
  return withReadings(server, () => rm(dataDir, { recursive: true, force: true }))
}

const withReadings = ({ url, pid, stop }: ServerProcess, afterStop: () => Promise<void>): BenchServer => ({
  url,
  pid,
  cpuMs: () => cpuTicks(pid) * 10,
  rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  async stop() {
    await stop()
    await afterStop()
  },
})

/** User and system time of a process, in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}
