import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

const hashOf = (query: string) => createHash('sha256').update(query).digest('hex')
const named = (sha256Hash: string, version: unknown = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } })
const post = (body: Record<string, unknown>) => server.call('POST', '/graphql', { body })
const get = (parameters: Record<string, unknown>) => {
  const texts = Object.entries(parameters).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return server.call('GET', `/graphql?${new URLSearchParams(texts)}`)
}

const unknown = {
  status: 200,
  body: { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
}

test('a query is asked for once, and then called by its hash, with GET too', async () => {
  const query = 'query Name($id: ID!) { version { version } agent(agentId: $id) { id } }'
  const variables = { id: 'none' }
  const byHash = named(hashOf(query))
  expect(await post({ ...byHash, variables })).toMatchObject(unknown)
  expect(await get({ ...byHash, variables })).toMatchObject(unknown)
  const expected = { status: 200, body: { data: { version: { version: `v${server.platform.version}` }, agent: null } } }
  expect(await post({ query, variables, ...byHash })).toMatchObject(expected)
  expect(await post({ ...byHash, variables })).toMatchObject(expected)
  expect(await get({ ...byHash, variables })).toMatchObject(expected)
})

test('a mutation that is known is not made with GET', async () => {
  const query = 'mutation Leave { signOut { ok } }'
  expect((await post({ query, ...named(hashOf(query)) })).body.data).toEqual({ signOut: { ok: true } })
  expect((await get(named(hashOf(query)))).status).toBe(405)
})

test('a hash of another text is refused, and nothing is kept under it', async () => {
  const hash = hashOf('{ health { status } }')
  const refused = await post({ query: '{ version { version } }', ...named(hash) })
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } })
  expect(await post(named(hash))).toMatchObject(unknown)
})

test('a document over the limits is refused, and not kept', async () => {
  const query = `{ ${'version { version } '.repeat(21)} }`
  const refused = await post({ query, ...named(hashOf(query)) })
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'DOCUMENT_TOO_COMPLEX' } }] } })
  expect(await post(named(hashOf(query)))).toMatchObject(unknown)
})

test.each([
  ['version', { version: 2, sha256Hash: hashOf('x') }],
  ['sha256Hash', { version: 1, sha256Hash: 'short' }],
  ['sha256Hash', { version: 1 }],
])('another form of it is refused by the name of the field: %s', async (field, persistedQuery) => {
  const answer = await post({ query: '{ version { version } }', extensions: { persistedQuery } })
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } })
  expect(answer.body.errors[0].message).toContain(`extensions.persistedQuery.${field}`)
})
