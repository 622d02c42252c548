import type { ContainerInspectInfo, ContainerStats } from 'dockerode'
import { type RuntimeStats, cutAbsolutePaths } from '../interface/index.ts'

export const nothingToMeasure: RuntimeStats = {
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: null,
  networkInBytes: null,
  networkOutBytes: null,
}

/** What two readings a second apart say. */
export function toStats({
  cpu_stats: now,
  precpu_stats: before,
  memory_stats: memory,
  pids_stats,
  networks,
}: ContainerStats): RuntimeStats {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const passed = now.system_cpu_usage - before.system_cpu_usage
  // Cached file pages can be taken back at any time; the two versions of cgroups name them differently.
  const cache = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0
  // An engine that counts nothing says nothing of networks; none is not the same as no traffic.
  const traffic = Object.values(networks ?? {})
  const sum = (read: (network: (typeof traffic)[number]) => number) =>
    traffic.length > 0 ? traffic.reduce((total, network) => total + read(network), 0) : null
  return {
    cpuPercent: passed > 0 ? Math.max(0, (used / passed) * (now.online_cpus || 1) * 100) : null,
    memoryBytes: memory.usage === undefined ? null : Math.max(0, memory.usage - cache),
    memoryLimitBytes: memory.limit ?? null,
    pids: pids_stats?.current ?? null,
    networkInBytes: sum(({ rx_bytes }) => rx_bytes),
    networkOutBytes: sum(({ tx_bytes }) => tx_bytes),
  }
}

/** Exit codes that say nothing worth knowing: it ended by itself, or when it was asked to. */
const QUIET_EXITS = new Set([0, 143])

/** Why a container does not run; null when it was never started, or ended as it should. */
export function sayWhyEnded({ State: state, HostConfig }: ContainerInspectInfo): string | null {
  if (state.OOMKilled) return `It used more than the ${Math.round((HostConfig.Memory ?? 0) / 1024 ** 2)} MiB of memory it may have.`
  if (state.Error) return `It could not be run: ${cutAbsolutePaths(state.Error)}`
  if (state.Status === 'created' || QUIET_EXITS.has(state.ExitCode)) return null
  return state.ExitCode === 137 ? 'It was killed (exit code 137).' : `It ended with exit code ${state.ExitCode}.`
}
