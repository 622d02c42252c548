import { expect, test } from 'vitest'
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
  expect(nextRun({ cronExpression }, now)?.toISOString()).toBe(next)
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
  expect(problemWithCron(expression, now)).toBeTypeOf('string')
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
