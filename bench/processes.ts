import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server the benchmarks started, as a process of its own. */
export interface BenchServer {
  url: string
  pid: number
  /** CPU time it has used, in milliseconds. */
  cpuMs(): number
  /** Resident memory, in MB. */
  rssMb(): number
  stop(): Promise<void>
}

/** Starts a script and waits for the line that says where it listens. */
export async function startProcess(script: string, environment: Record<string, string>): Promise<BenchServer> {
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await readyUrl(child)
  const pid = child.pid!
  return {
    url,
    pid,
    cpuMs: () => cpuTicks(pid) * 10,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Starts the built server on a data folder of its own. */
export async function startAgentbot(environment: Record<string, string> = {}): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-bench-'))
  const server = await startProcess('app/http/serve.ts', {
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    RATE_LIMIT_SCALE: '1000000',
    ...(environment.DATABASE_URL ? { APP_SECRET: 'only for benchmarks, and long enough for that' } : {}),
    ...environment,
  })
  return {
    ...server,
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const url = /ready at (http:\S+)/.exec(output)?.[1]
      if (url) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it was ready.`)))
  })
}

/** User and system time of a process, in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}
