import { expect, test } from 'vitest'
import { inOrderOfWeight, prefers, weightOf } from './accept.ts'

const EVENTS = 'text/event-stream'

test.each<[accept: string | null, isWanted: boolean]>([
  [null, false],
  ['', false],
  ['*/*', false],
  ['application/json', false],
  ['text/event-stream', true],
  ['Text/Event-Stream', true],
  ['text/event-stream; charset=utf-8', true],
  ['text/event-stream, application/json', true],
  ['application/json, text/event-stream', true],
  ['application/json, text/event-stream;q=0.5', false],
  ['application/json;q=0.5, text/event-stream;q=0.9', true],
  ['text/event-stream;q=0', false],
  ['text/event-stream;q=0, */*', false],
  ['text/event-stream;Q=0.1', true],
  ['*/*, text/event-stream', true],
  ['*/*;q=0.1, text/event-stream;q=0.5', true],
  ['text/html, text/*;q=0.9, */*;q=0.8', true],
  ['application/json-text/event-stream', false],
])('%j wants events: %s', (accept, isWanted) => {
  expect(prefers(accept, EVENTS)).toBe(isWanted)
})

test.each<[accept: string | null, weight: number]>([
  [null, 1],
  ['application/*', 1],
  ['Application/JSON;q=0.1', 0.1],
  ['application/json;q=0, */*', 0],
  ['text/html', 0],
])('JSON has in %j the weight %d', (accept, weight) => {
  expect(weightOf(accept, 'application/json')).toBe(weight)
})

test('the most welcome comes first, and what is unwelcome not at all', () => {
  expect(inOrderOfWeight('application/json;q=0.5, TEXT/event-stream;q=0, application/graphql-response+json;q=0.9')).toEqual([
    'application/graphql-response+json',
    'application/json',
  ])
})
