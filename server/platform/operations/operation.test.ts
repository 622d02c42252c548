import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineQuery, type Query } from './operation.ts'
import { bind } from './rest.ts'

const berths = defineQuery({
  name: 'berths.list',
  summary: 'List berths',
  access: 'account',
  bucket: 'general',
  input: z.object({}),
  output: z.array(z.string()),
  example: { input: {}, output: ['9'] },
  run: async () => ['9'],
})

test('a binding of an operation is a binding of that very one', () => {
  expect(bind({ id: 'listBerths', tag: 'berths', operation: berths }).operation).toBe(berths)
})

test('a copy of an operation with another policy does not compile', () => {
  // @ts-expect-error -- the copy is not an operation
  bind({ id: 'listBerths', tag: 'berths', operation: { ...berths, access: 'public' } })
  // @ts-expect-error -- nor is this one
  const copy: Query = { ...berths, bucket: 'chat' }
  expect(copy).not.toBe(berths)
})

test('an example that does not fit its schemas does not compile', () => {
  defineQuery({
    name: 'berths.get',
    summary: 'Get a berth',
    access: 'account',
    input: z.object({ id: z.string() }),
    output: z.string(),
    // @ts-expect-error -- the id is a text
    example: { input: { id: 9 }, output: '9' },
    run: async () => '9',
  })
  expect(berths.example).toEqual({ input: {}, output: ['9'] })
})
