import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('holds what was put in and not freed, in a place that is used again', () => {
  const slots = new Slots<string>()
  const first = slots.take('a')
  slots.take('b')
  slots.free(first)
  expect([...slots]).toEqual(['b'])
  expect(slots.take('c')).toBe(first)
  expect([...slots]).toEqual(['c', 'b'])
})
