import type { Platform } from '#server/platform/core/index.ts'
import { CpuWindow } from './cpu-window.ts'
import { findLoadScope } from './load-scope.ts'

/** Share of CPU and memory in use in this container where it is limited, else on this machine, in percent. */
export interface Load {
  cpuPercent: number
  memoryPercent: number
}

const LOOK_EVERY_MS = 1_000

const scope = findLoadScope()
const cpu = new CpuWindow(scope)

/** Has the load of the last few seconds at hand until the server stops. */
export function watchLoad({ shutdown }: Pick<Platform, 'shutdown'>): void {
  const timer = setInterval(() => cpu.look(), LOOK_EVERY_MS)
  timer.unref()
  shutdown.addEventListener('abort', () => clearInterval(timer))
}

/** The load now: CPU over the last five seconds, and memory. */
export const measureLoad = (): Load => ({ cpuPercent: round(cpu.percent()), memoryPercent: round(scope.readMemoryShare() * 100) })

const round = (percent: number): number => Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10

/** The documented words for a load: above 70% degraded, above 85% unhealthy. */
export function healthOf({ cpuPercent, memoryPercent }: Load): 'healthy' | 'degraded' | 'unhealthy' {
  const worst = Math.max(cpuPercent, memoryPercent)
  if (worst > 85) return 'unhealthy'
  return worst > 70 ? 'degraded' : 'healthy'
}
