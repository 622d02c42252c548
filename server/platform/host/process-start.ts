import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Fields of `/proc/PID/stat` after the name of the program, counted from 0: proc_pid_stat(5) numbers them from 3. */
const STATE = 0
const START_TIME = 19

/** States of a process that has ended and that nobody has taken note of yet: zombie and dead. */
const ENDED = /^[ZX]/

/**
 * When a process started, in words of the system that only serve to be compared: together with its id they
 * name one process for ever, while ids come back and titles change.
 *
 * @returns undefined when no process with that id runs.
 */
export function startOfProcess(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? readProc(pid) : askPs(pid)
  } catch {
    return undefined
  }
}

/** Clock ticks since the machine was started, and which of its starts that was. */
function readProc(pid: number): string | undefined {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name may have spaces and brackets in it.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  if (ENDED.test(fields[STATE]!)) return undefined
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[START_TIME]}`
}

/** Date and time with seconds, which is the most `ps` of other systems says. */
function askPs(pid: number): string | undefined {
  const output = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  const [state = 'Z', ...start] = output.trim().split(/\s+/)
  return ENDED.test(state) ? undefined : start.join(' ')
}
