import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Operation } from '../../../server/platform/operations/operation.ts'
import { allOperations, transportsOf } from '../../contract/transports.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { inputFor } from '../../contract/examples.ts'
import { readyFor } from '../../contract/renewals.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import type { TestServer } from '../../helpers/test-server.ts'

/** How many calls come at once. */
const AT_ONCE = 20

let server: TestServer
beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server.close())

/** Every operation that may write: all but queries, and but streams that only tell what happens. New ones are covered by themselves. */
const writing = allOperations.filter((operation) => operation.kind !== 'query' && !(operation.kind === 'stream' && operation.isEndless))

/** The same input with the keys of every object the other way round, or as they are. */
function inOrder(value: unknown, isReversed: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => inOrder(item, isReversed))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, inner]) => [key, inOrder(inner, isReversed)] as const)
  return Object.fromEntries(isReversed ? entries.toReversed() : entries)
}

let writer: { domain: string; owner: Owner } | undefined

/** An account for the operations of one domain: what calls of others would leave behind makes some of these slower. */
async function writerFor({ name }: Operation): Promise<Owner> {
  const domain = name.split('.')[0]!
  if (writer?.domain !== domain) writer = { domain, owner: await createOwner(server) }
  return writer.owner
}

async function callAtOnce(operations: Operation[], owner: Owner): Promise<string[]> {
  const calls = operations.map(async (operation, index) => {
    const transport = (await transportsOf(operation)).find(({ name }) => name === 'tRPC')!
    const input = inOrder(inputFor(operation, owner), index % 2 === 1) as Record<string, unknown>
    const { status, text } = await transport.call(server, input, { cookie: owner.cookie })
    return status === 500 ? `${operation.name}: ${text}` : undefined
  })
  return (await Promise.all(calls)).filter((failure) => failure !== undefined)
}

test.each(writing)('$name twenty at once on the same rows breaks nothing', async (operation) => {
  const owner = await readyFor(server, operation, await writerFor(operation))
  expect(
    await callAtOnce(
      Array.from({ length: AT_ONCE }, () => operation),
      owner,
    ),
  ).toEqual([])
})

test('all of them at once on the same rows break nothing', async () => {
  const owner = await createOwner(server)
  const isEndOfAll = ({ name }: Operation) => ['agents.delete', 'accounts.signOut', 'accounts.changePassword'].includes(name)
  const staying = writing.filter((operation) => !isEndOfAll(operation))
  expect(await callAtOnce([...staying, ...staying.toReversed()], owner)).toEqual([])
  expect(await callAtOnce([...staying, ...writing.filter(({ name }) => name === 'agents.delete'), ...staying], owner)).toEqual([])
  // Hundreds of calls: on a machine that has other work too they take longer than other tests may.
}, 60_000)
