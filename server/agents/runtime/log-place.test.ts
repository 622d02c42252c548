import { expect, test } from 'vitest'
import { inOrder, LogPlace } from './log-place.ts'
import type { LogEntry } from './runtime.contract.ts'

const at = (second: number) => `2026-11-27T10:00:${String(second).padStart(2, '0')}.000Z`
const line = (id: string, second: number, source: string): LogEntry => ({
  id: `log_${id}`,
  timestamp: at(second),
  level: 'info',
  message: id,
  source,
  agentId: 'atlas',
})
const own = [line('own1', 1, 'agent'), line('own2', 3, 'agent'), line('own3', 6, 'watchdog')]
// Hashes: they say nothing about their order.
const runtime = [line('f0', 2, 'runtime'), line('a1', 4, 'runtime'), line('c7', 5, 'runtime')]
const ids = (lines: { entry: LogEntry }[]) => lines.map(({ entry }) => entry.message)

const takeUp = (place: string) => ids(LogPlace.parse(place)!.rest(own, runtime))

test('wherever somebody was cut off, the rest is what had not come, in the order of time', () => {
  const all = inOrder(own, runtime)
  expect(ids(all)).toEqual(['own1', 'f0', 'own2', 'a1', 'c7', 'own3'])
  const place = LogPlace.before(all[0]?.entry)
  all.forEach((next, index) => expect(takeUp(place.pass(next).place)).toEqual(ids(all.slice(index + 1))))
})

test('a line of the runtime that arrived after a later one of the server is not lost', () => {
  const place = LogPlace.before(own[0])
  for (const entry of own) place.pass({ entry, isOwn: true })
  expect(takeUp(place.text)).toEqual(['f0', 'a1', 'c7'])
})

test('of a line that is not kept any more, everything that is kept comes after', () => {
  expect(takeUp('log_own2~log_gone')).toEqual(['f0', 'a1', 'c7', 'own3'])
})

test.each([undefined, '', 'req_01/3', 'log_x', "log_x~'; drop table", '~'])('%j is no place', (text) => {
  expect(LogPlace.parse(text)).toBeUndefined()
})
