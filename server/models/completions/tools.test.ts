import { expect, test } from 'vitest'
import { AppError } from '#server/platform/core/index.ts'
import { runTool } from './generate.tools.ts'
import { agentTools, fileTools } from './tools.ts'
import type { MemoryStore } from './tools.ts'

const storeOf = (entries: Record<string, unknown>): MemoryStore => {
  const map = new Map(Object.entries(entries))
  return {
    get: async (key) => map.get(key),
    set: async (key, value) => void map.set(key, value),
    list: async (limit) => ({ count: map.size, entries: Object.fromEntries([...map].slice(0, limit)) }),
    delete: async (key) => map.delete(key),
  }
}

const call = (store: MemoryStore, toolName: string, input: unknown, signal = new AbortController().signal) =>
  runTool(agentTools(store), { index: 0, id: '1', function: { name: toolName, arguments: JSON.stringify(input) } }, signal)

test('memory tools answer with small objects', async () => {
  const store = storeOf({ tone: 'brief' })
  expect((await call(store, 'remember', { key: 'name', value: 'Ada' })).result).toEqual({ key: 'name', value: 'Ada' })
  expect((await call(store, 'recall', { key: 'name' })).result).toEqual({ key: 'name', found: true, value: 'Ada' })
  expect((await call(store, 'list_memory', {})).result).toEqual({ count: 2, entries: { tone: 'brief', name: 'Ada' } })
  expect((await call(store, 'forget', { key: 'tone' })).result).toEqual({ key: 'tone', forgotten: true })
  expect((await call(store, 'recall', { key: 'tone' })).result).toEqual({ key: 'tone', found: false })
})

test('long values and long lists are cut', async () => {
  const store = storeOf(Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`key${index}`, 'x'.repeat(9_000)])))
  const listed = (await call(store, 'list_memory', {})).result
  expect(listed).toMatchObject({ count: 80 })
  expect(JSON.stringify(listed).length).toBeLessThan(20_000)
  expect(JSON.stringify((await call(store, 'recall', { key: 'key1' })).result).length).toBeLessThan(5_000)
})

test('a failure becomes a result the model can read', async () => {
  const full = { ...storeOf({}), set: () => Promise.reject(new AppError('conflict', 'MEMORY_FULL', 'The memory is full.')) }
  const broken = { ...storeOf({}), get: () => Promise.reject(new Error('secret detail')) }
  expect(await call(full, 'remember', { key: 'a', value: 'b' })).toMatchObject({
    result: { error: 'The memory is full.' },
  })
  expect(await call(broken, 'recall', { key: 'a' })).toMatchObject({
    result: { error: 'The tool "recall" failed.' },
    cause: new Error('secret detail'),
  })
  expect((await call(full, 'recall', { name: 'a' })).result).toEqual({ error: 'The input of "recall" does not fit its schema.' })
  expect((await call(full, 'toString', {})).result).toEqual({ error: 'There is no tool named "toString".' })
  expect(await call(full, 'calculate', { expression: '1/0' })).toMatchObject({ result: { expression: '1/0', error: expect.any(String) } })
})

test('an abort does not wait for the tool', async () => {
  const controller = new AbortController()
  const never = { ...storeOf({}), get: () => new Promise<never>(() => undefined) }
  const run = call(never, 'recall', { key: 'a' }, controller.signal)
  controller.abort(new Error('gone'))
  await expect(run).rejects.toThrow('gone')
})

test('file tools say what files there are and what is in them', async () => {
  const reader = {
    list: async () => ({ count: 1, files: [{ name: 'berths.txt', size: 4, type: 'text/plain' }] }),
    read: async (name: string) => (name === 'berths.txt' ? 'free' : name === 'log.txt' ? 'x'.repeat(30_000) : undefined),
  }
  const use = (toolName: string, input: unknown) =>
    runTool(
      fileTools(reader),
      { index: 0, id: '1', function: { name: toolName, arguments: JSON.stringify(input) } },
      new AbortController().signal,
    )
  expect((await use('list_files', {})).result).toEqual({ count: 1, files: [{ name: 'berths.txt', size: 4, type: 'text/plain' }] })
  expect((await use('read_file', { name: 'berths.txt' })).result).toEqual({ name: 'berths.txt', found: true, content: 'free' })
  expect((await use('read_file', { name: 'none.txt' })).result).toEqual({ name: 'none.txt', found: false })
  expect((await use('read_file', { name: 'log.txt' })).result).toMatchObject({
    content: expect.stringMatching(/x… \(shortened, 30000 characters\)$/),
  })
})
