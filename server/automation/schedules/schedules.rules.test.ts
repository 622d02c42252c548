import { expect, test } from 'vitest'
import { Timezone } from './timezone.contract.ts'
import { frequencyOf, intervalOf, nextRun, problemWithCron, promptOf } from './schedules.rules.ts'

const now = new Date('2026-11-24T21:00:00.000Z')

test.each([
  ['30 6 * * *', '2026-11-25T06:30:00.000Z'],
  ['  0   21 * * *  ', '2026-11-25T21:00:00.000Z'],
  ['*/10 * * * * *', '2026-11-24T21:00:10.000Z'],
  ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ['0 0 L * *', '2026-11-30T00:00:00.000Z'],
  ['0 9 * * MON-FRI', '2026-11-25T09:00:00.000Z'],
])('"%s" comes next at %s, in UTC', (cronExpression, next) => {
  expect(nextRun({ cronExpression, timezone: 'UTC' }, now)?.toISOString()).toBe(next)
})

test.each([
  '0 0 30 2 *',
  '0 0 31 4,6,9,11 *',
  '61 * * * *',
  '*/0 * * * *',
  '5-1 * * * *',
  'every day at six o-clock',
  'a b c d e',
  '* * * *',
])('"%s" is refused', (expression) => {
  expect(problemWithCron({ cronExpression: expression, timezone: 'UTC' }, now)).toBeTypeOf('string')
})

test.each([
  { passedMs: 0, next: '2026-11-24T21:01:00.000Z' },
  { passedMs: 59_999, next: '2026-11-24T21:01:00.000Z' },
  { passedMs: 60_000, next: '2026-11-24T21:02:00.000Z' },
  { passedMs: 86_400_000 + 1, next: '2026-11-25T21:01:00.000Z' },
])('an interval goes on from its own moments after $passedMs ms', ({ passedMs, next }) => {
  expect(nextRun({ everyMs: 60_000 }, new Date(now.getTime() + passedMs), now)?.toISOString()).toBe(next)
})

test.each(['30m', '1h', '2h', '3h', '6h', '12h'] as const)('a heartbeat every %s is found again by its interval', (frequency) => {
  expect(frequencyOf(intervalOf(frequency))).toBe(frequency)
})

test.each([
  [{ kind: 'systemEvent', text: 'Sum up the day.' }, 'Sum up the day.'],
  [{ kind: 'agentTurn', message: 'Look for mail.' }, 'Look for mail.'],
  [{ text: ' ', prompt: 'Look.' }, 'Look.'],
  [{ kind: 'ping', count: 3 }, '{"kind":"ping","count":3}'],
])('the payload %j asks "%s"', (payload, prompt) => {
  expect(promptOf(payload)).toBe(prompt)
})

/** When an expression comes due, by the clock of its zone, the distance of that from UTC included. */
function timesOf(cronExpression: string, timezone: string, after: string, count: number): string[] {
  const format = new Intl.DateTimeFormat('sv', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  const times: string[] = []
  for (let run = nextRun({ cronExpression, timezone }, new Date(after)); run && times.length < count;) {
    times.push(`${format.format(run).slice(5)} ${run.toISOString().slice(11, 16)}Z`)
    run = nextRun({ cronExpression, timezone }, run)
  }
  return times
}

const [SPRING, FALL] = ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']

// In Berlin it is 3 o'clock right after 2 on March 29th, and 2 o'clock again after 3 on October 25th.
test.each<[what: string, expression: string, timezone: string, after: string, times: string[]]>([
  ['a time of every day', '30 6 * * *', 'Europe/Berlin', SPRING, ['03-29 06:30:00 04:30Z', '03-30 06:30:00 04:30Z']],
  ['a time that is skipped', '30 2 * * *', 'Europe/Berlin', SPRING, ['03-29 03:00:00 01:00Z', '03-30 02:30:00 00:30Z']],
  ['several that are', '*/20 2 * * *', 'Europe/Berlin', SPRING, ['03-29 03:00:00 01:00Z', '03-30 02:00:00 00:00Z']],
  [
    'one of several that is',
    '30 1-3 * * *',
    'Europe/Berlin',
    SPRING,
    ['03-29 01:30:00 00:30Z', '03-29 03:00:00 01:00Z', '03-29 03:30:00 01:30Z'],
  ],
  ['one on a day of its own', '30 2 29 3 *', 'Europe/Berlin', SPRING, ['03-29 03:00:00 01:00Z', '03-29 02:30:00 00:30Z']],
  ['every hour, skipping one', '0 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', ['03-29 03:00:00 01:00Z', '03-29 04:00:00 02:00Z']],
  ['a time that comes twice', '30 2 * * *', 'Europe/Berlin', FALL, ['10-25 02:30:00 00:30Z', '10-26 02:30:00 01:30Z']],
  ['several that do', '*/30 2 * * *', 'Europe/Berlin', FALL, ['10-25 02:00:00 00:00Z', '10-25 02:30:00 00:30Z', '10-26 02:00:00 01:00Z']],
  ['in between', '30 2 * * *', 'Europe/Berlin', '2026-10-25T01:10:00Z', ['10-26 02:30:00 01:30Z']],
  [
    'every hour, one of them twice',
    '0 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:30:00Z',
    ['10-25 02:00:00 00:00Z', '10-25 02:00:00 01:00Z', '10-25 03:00:00 02:00Z'],
  ],
  ['with seconds', '15 30 2 * * *', 'Europe/Berlin', SPRING, ['03-29 03:00:00 01:00Z', '03-30 02:30:15 00:30Z']],
  [
    'half an hour that is skipped',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T00:00:00Z',
    ['10-04 02:30:00 15:30Z', '10-05 02:15:00 15:15Z'],
  ],
  ['midnight that is skipped', '0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', ['09-06 01:00:00 04:00Z', '09-07 00:00:00 03:00Z']],
  ['far from UTC', '0 12 * * *', 'Pacific/Kiritimati', '2026-01-01T00:00:00Z', ['01-02 12:00:00 22:00Z', '01-03 12:00:00 22:00Z']],
  ['no zone at all', '30 2 * * *', 'UTC', SPRING, ['03-29 02:30:00 02:30Z', '03-30 02:30:00 02:30Z']],
])('in its zone: %s', (_what, expression, timezone, after, times) => {
  expect(timesOf(expression, timezone, after, times.length)).toEqual(times)
})

test.each(['UTC', 'Europe/Lisbon', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('%s is a time zone', (name) => {
  expect(Timezone.safeParse(name).success).toBe(true)
})

test.each(['', 'Nowhere/Land', '+02:00', 'Europe/', 'local', 'UTC; drop'])('"%s" is none', (name) => {
  expect(Timezone.safeParse(name).success).toBe(false)
})
