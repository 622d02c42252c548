import { availableParallelism, cpus, freemem, totalmem } from 'node:os'

/** Share of CPU and memory in use on this machine (or in this container), in percent. */
export interface Load {
  cpuPercent: number
  memoryPercent: number
}

const MIN_SAMPLE_MS = 500

interface CpuTimes {
  at: number
  idle: number
  total: number
}

function readCpuTimes(): CpuTimes {
  let idle = 0
  let total = 0
  for (const { times } of cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { at: Date.now(), idle, total }
}

let previous = readCpuTimes()
let cpuPercent = Math.min(100, ((process.cpuUsage().user / 1000 / (process.uptime() * 1000)) * 100) / availableParallelism())

/** Measures the load since the last time it was asked for, but over half a second at the least. */
export function measureLoad(): Load {
  const now = readCpuTimes()
  if (now.at - previous.at >= MIN_SAMPLE_MS && now.total > previous.total) {
    cpuPercent = (1 - (now.idle - previous.idle) / (now.total - previous.total)) * 100
    previous = now
  }
  return { cpuPercent: round(cpuPercent), memoryPercent: round(memoryShare() * 100) }
}

/** Inside a container the limit of the container counts, not the machine's memory. */
function memoryShare(): number {
  const limit = process.constrainedMemory()
  const total = limit > 0 && limit < totalmem() ? limit : totalmem()
  const available = total < totalmem() ? process.availableMemory() : Math.max(freemem(), process.availableMemory())
  return Math.min(1, Math.max(0, 1 - available / total))
}

const round = (percent: number): number => Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10

/** The documented words for a load: above 70% degraded, above 85% unhealthy. */
export function healthOf({ cpuPercent, memoryPercent }: Load): 'healthy' | 'degraded' | 'unhealthy' {
  const worst = Math.max(cpuPercent, memoryPercent)
  if (worst > 85) return 'unhealthy'
  return worst > 70 ? 'degraded' : 'healthy'
}
