import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { RuntimeStats } from '../interface/index.ts'

export const NOTHING_MEASURED: RuntimeStats = {
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: null,
  networkInBytes: null,
  networkOutBytes: null,
}

/** Linux counts CPU time in hundredths of a second, and memory in pages of 4 KiB on all common machines. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const SAMPLE_MS = 250

interface Sample {
  cpuTicks: number
  memoryBytes: number
  pids: number
}

/**
 * What a group of processes uses now, by its leader: CPU over a quarter of a second. Processes share the
 * network of their machine, so that cannot be told apart; where there is no `/proc`, nothing can.
 */
export async function measureGroup(leader: number): Promise<RuntimeStats> {
  const before = await sampleGroup(leader)
  if (!before) return NOTHING_MEASURED
  const began = performance.now()
  await delay(SAMPLE_MS)
  const after = await sampleGroup(leader)
  if (!after) return NOTHING_MEASURED
  const seconds = (performance.now() - began) / 1000
  const cpuPercent = (Math.max(0, after.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / seconds) * 100
  return { ...NOTHING_MEASURED, cpuPercent, memoryBytes: after.memoryBytes, pids: after.pids }
}

async function sampleGroup(leader: number): Promise<Sample | undefined> {
  const names = await readdir('/proc').catch(() => [])
  const stats = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  )
  // What follows the name of the program, which may have spaces and brackets in it.
  const fields = stats.filter(Boolean).map((line) => line.slice(line.lastIndexOf(')') + 2).split(' '))
  const members = fields.filter((field) => Number(field[2]) === leader)
  if (members.length === 0) return undefined
  const sum = (read: (field: string[]) => number) => members.reduce((total, field) => total + read(field), 0)
  return {
    cpuTicks: sum((field) => Number(field[11]) + Number(field[12])),
    memoryBytes: sum((field) => Number(field[21]) * PAGE_BYTES),
    pids: members.length,
  }
}
