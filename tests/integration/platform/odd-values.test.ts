import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_MODEL: 'local/commands' })
  ;({ account, agentId } = await seedAccount(server))
})
afterAll(() => server.close())

const post = (path: string, body: string) => server.call('POST', path, { key: account.key, body })
const remembered = async () => (await server.call('GET', `/api/memory?agentId=${agentId}`, account)).body.memory

describe('a number that is too large to be told from infinity is refused, by its place', () => {
  const graphql = (memory: string, variables = '{}') =>
    JSON.stringify({ query: `mutation${memory}`, variables: '?' }).replace('"?"', variables)
  const inDocument = () => ` { storeMemory(agentId: "${agentId}", values: { a: { b: [1, 1e400] } }) { saved } }`

  test.each<[transport: string, path: string, body: () => string, field: string]>([
    ['REST', '/api/memory', () => `{"agentId":"${agentId}","memory":{"a":{"b":[1,1e400]}}}`, 'memory.a.b.1'],
    ['REST, below nothing', '/api/memory', () => `{"agentId":"${agentId}","memory":{"a":-1e999}}`, 'memory.a'],
    ['tRPC', '/trpc/memory.store', () => `{"agentId":"${agentId}","values":{"a":{"b":[1,1e400]}}}`, 'values.a.b.1'],
    [
      'GraphQL',
      '/graphql',
      () => graphql(` ($v: JSON!) { storeMemory(agentId: "${agentId}", values: $v) { saved } }`, '{"v":{"a":{"b":[1,1e400]}}}'),
      'values.a.b.1',
    ],
    ['GraphQL, in the document', '/graphql', () => graphql(inDocument()), 'values.a.b.1'],
    ['a setting', '/api/agents/provision', () => '{"name":"Clerk","config":{"temperature":1e400}}', 'config.temperature'],
    [
      '/v1',
      '/v1/chat/completions',
      () => '{"model":"local/commands","messages":[{"role":"user","content":"a","odd":1e400}]}',
      'messages.0.odd',
    ],
  ])('%s', async (_transport, path, body, field) => {
    const answer = await post(path, body())
    const said = JSON.stringify(answer.body)
    expect(said).toContain('INVALID_INPUT')
    expect(said).toContain(`${field}: expected a number below 1.8e308`)
    expect(await remembered()).toEqual({})
  })

  test('and the largest that can be is kept', async () => {
    expect((await post('/api/memory', `{"agentId":"${agentId}","key":"large","memory":1.7e308}`)).status).toBe(200)
    expect(await remembered()).toEqual({ large: 1.7e308 })
  })
})

test('a preview of a message ends with a whole character', async () => {
  await post('/api/chat', JSON.stringify({ agentId, message: `${'x'.repeat(99)}🌒 and more` }))
  const { body } = await server.call('GET', '/api/agent?action=memory', account)
  expect(body.memory[0]).toEqual({ role: 'user', content: 'x'.repeat(99) })
})
