import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('holds what was filled in and not freed, in a place that is used again', () => {
  const slots = new Slots<string>()
  const first = slots.fill('a')
  slots.fill('b')
  slots.free(first)
  expect([...slots]).toEqual(['b'])
  expect(slots.fill('c')).toBe(first)
  expect([...slots]).toEqual(['c', 'b'])
})
