import { expect, test } from 'vitest'
import { Agents } from '../../sdk/src/resources/agents.ts'
import { createConnection, startScriptedServer, type Answer } from './scripted-server.ts'

/** Answers with the page that is asked for of `ids`, which may differ from call to call. */
const page =
  (ids: () => string[]): Answer =>
  (response, { url }) => {
    const query = new URL(url, 'http://localhost').searchParams
    const offset = Number(query.get('offset'))
    const messages = ids().map((id) => ({ id }))
    response.end(JSON.stringify({ messages: messages.slice(offset, offset + Number(query.get('limit'))), total: messages.length }))
  }

async function collect(ids: () => string[]): Promise<{ given: string[]; calls: number }> {
  await using server = await startScriptedServer(page(ids))
  const given: string[] = []
  for await (const { id } of new Agents(createConnection(server.baseUrl).connection).messages('atlas')) given.push(id)
  return { given, calls: server.seen.length }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `msg_${count - index}`)

test.each([
  [0, 1],
  [1, 1],
  [100, 1],
  [101, 2],
  [250, 3],
])('%i messages take %i calls', async (count, calls) => {
  expect(await collect(() => numbered(count))).toEqual({ given: numbered(count), calls })
})

test('a message that arrives between two pages makes none come twice', async () => {
  let count = 150
  const { given } = await collect(() => numbered(count++))
  expect(given).toEqual(numbered(150))
})

test('the pages after the one where the loop is left are not asked for', async () => {
  await using server = await startScriptedServer(page(() => numbered(250)))
  for await (const { id } of new Agents(createConnection(server.baseUrl).connection).messages('atlas')) if (id === 'msg_200') break
  expect(server.seen).toHaveLength(1)
})
