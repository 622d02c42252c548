import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toIsoTimestamp } from './timestamps.ts'

test.each([
  ['2026-05-02 08:15:00+00', '2026-05-02T08:15:00.000Z'],
  ['2026-05-02 08:15:00.1+00', '2026-05-02T08:15:00.100Z'],
  ['2026-05-02 08:15:00.123456+00', '2026-05-02T08:15:00.123Z'],
])('%s becomes %s', (text, iso) => expect(toIsoTimestamp(text)).toBe(iso))

test('every time the database can print reads as the same moment', () => {
  const times = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true })
  fc.assert(
    fc.property(times, (date) => {
      const printed = date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/, '+00')
      expect(toIsoTimestamp(printed)).toBe(date.toISOString())
    }),
  )
})
