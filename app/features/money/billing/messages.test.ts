import { expect, test } from 'vitest'
import { messageOf } from './messages.ts'

test.each([
  ['error=invalid_price', 'danger', /not sold at that price/],
  ['error=whatever', 'danger', /could not be opened/],
  ['paid=1&session_id=cs_1', 'neutral', /Thank you/],
  ['payment_cancelled=1', 'neutral', /nothing was charged/],
  ['cancelled=1', 'neutral', /nothing was charged/],
])('%s is told', (query, tone, text) => {
  expect(messageOf(new URLSearchParams(query))).toEqual({ tone, text: expect.stringMatching(text) })
})

test('without a reason nothing is told', () => expect(messageOf(new URLSearchParams('change=label'))).toBeUndefined())
