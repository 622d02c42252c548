import type { Env } from '#server/platform/core/index.ts'
import type { RuntimeState } from '../drivers/interface/index.ts'
import type { Watch } from '../watches/index.ts'

export interface WatchdogSettings {
  checkEveryMs: number
  checkDegradedEveryMs: number
  /** Repairs that are tried before an agent is left to its owner. */
  mostRepairs: number
  /** Wait before the second repair; each further one waits twice as long. */
  backOffMs: number
  /** That many crashes within the window are a crash loop. */
  mostCrashes: number
  crashWindowMs: number
  /** That many failed starts in a row are a crash loop. */
  mostFailedStarts: number
}

export const watchdogSettings = (env: Env): WatchdogSettings => ({
  checkEveryMs: env.WATCHDOG_CHECK_SECONDS * 1000,
  checkDegradedEveryMs: env.WATCHDOG_DEGRADED_SECONDS * 1000,
  mostRepairs: env.WATCHDOG_REPAIRS,
  backOffMs: env.WATCHDOG_BACKOFF_SECONDS * 1000,
  mostCrashes: env.WATCHDOG_CRASHES,
  crashWindowMs: env.WATCHDOG_CRASH_WINDOW_SECONDS * 1000,
  mostFailedStarts: env.WATCHDOG_FAILED_STARTS,
})

/** What is to be done about an agent that was checked, and how it did lately with that. */
export interface Verdict {
  /** `repair` now; `give_up` stops it and leaves it in `crash_loop`; `none` waits for the next check. */
  action: 'none' | 'repair' | 'give_up'
  status: 'running' | 'degraded'
  watch: Watch
}

/** What a check found; `unreachable` when the place where agents run does not answer, so that nothing can be done there. */
export type Finding = RuntimeState | 'unreachable'

/**
 * Decides what is to be done about an agent that should run.
 *
 * One that is down is started again, until it has crashed too often or the repairs are used up; then it is
 * given up. One that answers but is not well gets the time until the next check to recover by itself;
 * then it is repaired, and once the repairs are used up it is left as it is and looked at on.
 *
 * @param was `up` when it ran at the last check, `unwell` when it was found degraded, `down` when it did
 * not run for a reason that is known (its server stopped, a repair failed), so that this is no new crash.
 */
export function judge(finding: Finding, watch: Watch, was: 'up' | 'unwell' | 'down', now: number, settings: WatchdogSettings): Verdict {
  const crashes = watch.crashes.filter((time) => Date.parse(time) > now - settings.crashWindowMs)
  if (finding === 'running')
    return {
      action: 'none',
      status: 'running',
      watch: { crashes, repairs: 0, failedStarts: 0, nextCheckAt: after(now, settings.checkEveryMs) },
    }

  const looked = { ...watch, crashes, nextCheckAt: after(now, settings.checkDegradedEveryMs) }
  const hasRepairsLeft = watch.repairs < settings.mostRepairs
  if (finding === 'stopped') {
    const counted = was === 'down' ? crashes : [...crashes, new Date(now).toISOString()]
    const isHopeless = counted.length >= settings.mostCrashes || !hasRepairsLeft
    return {
      action: isHopeless ? 'give_up' : 'repair',
      status: 'degraded',
      watch: { ...looked, crashes: counted, repairs: watch.repairs + (isHopeless ? 0 : 1) },
    }
  }
  const isDue = finding !== 'unreachable' && was === 'unwell' && hasRepairsLeft
  return isDue
    ? { action: 'repair', status: 'degraded', watch: { ...looked, repairs: watch.repairs + 1 } }
    : { action: 'none', status: 'degraded', watch: looked }
}

/** When a repair that failed is tried again; null when it is not. @param watch As it is with that failure. */
export function nextRepairAt(
  { repairs, failedStarts }: Pick<Watch, 'repairs' | 'failedStarts'>,
  now: number,
  settings: WatchdogSettings,
): string | null {
  if (repairs >= settings.mostRepairs || failedStarts >= settings.mostFailedStarts) return null
  return after(now, settings.backOffMs * 2 ** Math.max(0, repairs - 1))
}

const after = (now: number, ms: number): string => new Date(now + ms).toISOString()
