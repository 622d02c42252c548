import { Cron } from 'croner'
import { momentOf, wallTimeOf } from './time-zones.rules.ts'

/** A cron expression, and in which time zone it is meant. */
export interface CronTimes {
  cronExpression: string
  timezone: string
}

/** How often a schedule comes due: by a cron expression, or every so many milliseconds. */
export type Recurrence = CronTimes | { everyMs: number }

/** Why a cron expression cannot be used; undefined when it can. */
export function problemWithCron(times: CronTimes, after: Date): string | undefined {
  try {
    return nextOfCron(times, after) ? undefined : 'this time never comes'
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'malformed'
  }
}

/**
 * The first moment after `after` (exclusive).
 *
 * @param anchor A moment of a schedule by interval, from which the others are counted.
 * @returns null when there is none.
 */
export function nextRun(recurrence: Recurrence, after: Date, anchor: Date = after): Date | null {
  if ('cronExpression' in recurrence) return nextOfCron(recurrence, after)
  const { everyMs } = recurrence
  const passed = Math.floor((after.getTime() - anchor.getTime()) / everyMs)
  return new Date(anchor.getTime() + (Math.max(0, passed) + 1) * everyMs)
}

/** How many runs are looked at for the least time between two of them: more than there are in an hour of single minutes, or a minute of seconds. */
const MAX_RUNS_LOOKED_AT = 120
const YEAR_MS = 366 * 86_400_000

/** The least time between two runs, in milliseconds: of a cron expression, between those of the next year. */
export function minIntervalOf(recurrence: Recurrence, after: Date): number {
  if ('everyMs' in recurrence) return recurrence.everyMs
  const first = nextOfCron(recurrence, after)
  let least = Infinity
  let run = first
  for (let count = 1; run && count < MAX_RUNS_LOOKED_AT; count++) {
    const next = nextOfCron(recurrence, run)
    if (!next || next.getTime() - first!.getTime() > YEAR_MS) break
    least = Math.min(least, next.getTime() - run.getTime())
    run = next
  }
  return least
}

/**
 * When a schedule comes due again that is due now. One that was saved under a better plan, or before there was a
 * least interval, comes due no more often than the plan of today allows.
 *
 * @param due When it came due.
 * @returns null when it never does again.
 */
export function nextAllowedRun(recurrence: Recurrence, due: Date, now: Date, minIntervalMs: number): Date | null {
  if ('everyMs' in recurrence) return nextRun({ everyMs: Math.max(recurrence.everyMs, minIntervalMs) }, now, due)
  // Runs are at whole seconds, and the moment itself is not among those after it.
  return nextRun(recurrence, new Date(Math.max(now.getTime(), due.getTime() + minIntervalMs - 1000)))
}

/**
 * Where clocks are put forward or back, a schedule keeps to what the clock shows: a time that is skipped comes once, right
 * after the gap, and one that comes twice is taken the first time. One for every hour goes on hour by hour.
 */
function nextOfCron({ cronExpression, timezone }: CronTimes, after: Date): Date | null {
  if (timezone === 'UTC' || isForEveryHour(cronExpression)) return cronIn(cronExpression, timezone).nextRun(after)
  const shown = cronIn(cronExpression, 'UTC')
  for (let time = shown.nextRun(wallTimeOf(after, timezone)); time; time = shown.nextRun(time)) {
    const moment = momentOf(time, timezone)
    if (moment > after) return moment
  }
  return null
}

// Five fields, or six with seconds first. A text that is a date would be one for croner too; the contract's pattern keeps it out.
const cronIn = (expression: string, timezone: string) => new Cron(expression, { timezone, mode: '5-or-6-parts', paused: true })

function isForEveryHour(expression: string): boolean {
  const fields = expression.trim().split(/\s+/)
  return fields.at(fields.length === 6 ? 2 : 1) === '*'
}

const frequencies = { '30m': 30, '1h': 60, '2h': 120, '3h': 180, '6h': 360, '12h': 720 } as const

export type Frequency = keyof typeof frequencies

/** How long a heartbeat of that frequency waits, in milliseconds. */
export const intervalOf = (frequency: Frequency): number => frequencies[frequency] * 60_000

/** The frequency of a stored heartbeat. */
export const frequencyOf = (everyMs: number): Frequency =>
  (Object.keys(frequencies) as Frequency[]).find((frequency) => intervalOf(frequency) === everyMs)!

/** What an agent is asked with every beat. */
export const HEARTBEAT_PROMPT =
  'This is your heartbeat: nobody is waiting for an answer. Look whether something needs doing now, by what you remember and what was agreed, and do it. If nothing does, answer HEARTBEAT_OK.'

/** What the payload of a cron job asks the agent: its text, or else all of it. */
export function promptOf(payload: Record<string, unknown>): string {
  const text = [payload.text, payload.message, payload.prompt].find((value) => typeof value === 'string' && value.trim() !== '')
  return typeof text === 'string' ? text : JSON.stringify(payload)
}
