import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { join } from 'node:path'

/** Whose load is measured: processors and memory are always of the same one. */
export interface LoadScope {
  name: 'container' | 'machine'
  /** Processors it may use. */
  processors: number
  /** Milliseconds of processors it has used until now. */
  readCpuMs(): number
  /** Share of its memory that is in use, 0 to 1. */
  readMemoryShare(): number
}

/**
 * The container this process runs in, where cgroups (v2) limit its processors or its memory; else the machine.
 *
 * @param root Where the cgroups are mounted.
 * @param ownPath Which of them this process is in.
 */
export function findLoadScope(root = '/sys/fs/cgroup', ownPath = readOwnPath()): LoadScope {
  const folder = join(root, ownPath)
  const quota = readQuota(folder)
  const memoryLimit = readLimit(folder)
  if (quota === undefined && memoryLimit === undefined) return machine
  const memoryBytes = memoryLimit ?? totalmem()
  return {
    name: 'container',
    processors: quota ?? availableParallelism(),
    readCpuMs: () => readField(folder, 'cpu.stat', 'usage_usec') / 1000,
    // Cached file pages can be taken back at any time.
    readMemoryShare: () => (Number(readText(folder, 'memory.current')) - readField(folder, 'memory.stat', 'inactive_file')) / memoryBytes,
  }
}

const machine: LoadScope = {
  name: 'machine',
  processors: cpus().length,
  readCpuMs: () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0),
  readMemoryShare: () => 1 - Math.max(freemem(), process.availableMemory()) / totalmem(),
}

/** Processors a group may use, from `max 100000` or `150000 100000`; undefined without a limit. */
function readQuota(folder: string): number | undefined {
  const [quota, period] = (readText(folder, 'cpu.max') ?? 'max').trim().split(' ').map(Number)
  return quota && period ? quota / period : undefined
}

function readLimit(folder: string): number | undefined {
  const limit = Number(readText(folder, 'memory.max') ?? 'max')
  return Number.isFinite(limit) && limit < totalmem() ? limit : undefined
}

/** A number of a file of names and numbers; 0 where it is not there. */
function readField(folder: string, file: string, name: string): number {
  const line = (readText(folder, file) ?? '').split('\n').find((text) => text.startsWith(`${name} `))
  return line ? Number(line.slice(name.length + 1)) : 0
}

function readText(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return undefined
  }
}

/** The group of this process in the only hierarchy of cgroups v2; in a container with a view of its own it is `/`. */
function readOwnPath(): string {
  const lines = (readText('/proc/self', 'cgroup') ?? '').split('\n')
  return lines.find((line) => line.startsWith('0::'))?.slice(3) ?? '/'
}
