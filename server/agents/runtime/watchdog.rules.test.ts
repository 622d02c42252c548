import { describe, expect, test } from 'vitest'
import { readEnv } from '#server/platform/core/index.ts'
import type { Watch } from '../watches/index.ts'
import { judge, nextRepairAt, watchdogSettings } from './watchdog.rules.ts'

const settings = watchdogSettings(readEnv({}))
const now = Date.parse('2026-11-24T12:00:00.000Z')
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString()
const later = (seconds: number) => new Date(now + seconds * 1000).toISOString()
const watch = (given: Partial<Watch> = {}): Watch => ({ crashes: [], failedStarts: 0, repairs: 0, nextCheckAt: ago(0), ...given })

describe('an agent that is well', () => {
  test('is looked at again in two minutes, and what it took to get there is forgotten', () => {
    const verdict = judge('running', watch({ repairs: 1, failedStarts: 1, crashes: [ago(400), ago(60)] }), 'unwell', now, settings)
    expect(verdict).toEqual({
      action: 'none',
      status: 'running',
      watch: { crashes: [ago(60)], failedStarts: 0, repairs: 0, nextCheckAt: later(120) },
    })
  })
})

describe('an agent that is unwell', () => {
  test('gets until the next check, in five seconds, to recover by itself', () => {
    expect(judge('degraded', watch(), 'up', now, settings)).toMatchObject({
      action: 'none',
      status: 'degraded',
      watch: { repairs: 0, nextCheckAt: later(5) },
    })
  })

  test('is then repaired, twice at most, and looked at on', () => {
    expect(judge('degraded', watch(), 'unwell', now, settings)).toMatchObject({ action: 'repair', watch: { repairs: 1 } })
    expect(judge('degraded', watch({ repairs: 1 }), 'unwell', now, settings)).toMatchObject({ action: 'repair', watch: { repairs: 2 } })
    expect(judge('degraded', watch({ repairs: 2 }), 'unwell', now, settings)).toMatchObject({
      action: 'none',
      status: 'degraded',
      watch: { nextCheckAt: later(5) },
    })
  })

  test('is left alone while the place where agents run does not answer', () => {
    expect(judge('unreachable', watch(), 'unwell', now, settings)).toMatchObject({
      action: 'none',
      status: 'degraded',
      watch: { repairs: 0 },
    })
  })
})

describe('an agent that is down', () => {
  test('has crashed, and is started again', () => {
    expect(judge('stopped', watch(), 'up', now, settings)).toMatchObject({ action: 'repair', watch: { crashes: [ago(0)], repairs: 1 } })
  })

  test('is given up with its third crash in five minutes, not with one longer ago', () => {
    const crashes = [ago(200), ago(100)]
    expect(judge('stopped', watch({ crashes }), 'up', now, settings).action).toBe('give_up')
    expect(judge('stopped', watch({ crashes: [ago(301), ago(100)] }), 'up', now, settings).action).toBe('repair')
  })

  test('is given up once the repairs are used up', () => {
    expect(judge('stopped', watch({ repairs: 2 }), 'down', now, settings).action).toBe('give_up')
  })

  test('has not crashed when it is known why it is down', () => {
    expect(judge('stopped', watch(), 'down', now, settings)).toMatchObject({ action: 'repair', watch: { crashes: [] } })
  })
})

describe('a repair that failed', () => {
  test('is tried again after a wait that doubles', () => {
    const patient = { ...settings, mostRepairs: 5, mostFailedStarts: 9 }
    const waits = [1, 2, 3].map((repairs) => nextRepairAt({ repairs, failedStarts: repairs }, now, patient))
    expect(waits).toEqual([later(10), later(20), later(40)])
  })

  test('is the last one when the repairs, or the starts that may fail, are used up', () => {
    expect(nextRepairAt({ repairs: 2, failedStarts: 1 }, now, settings)).toBeNull()
    expect(nextRepairAt({ repairs: 1, failedStarts: 3 }, now, settings)).toBeNull()
  })
})
