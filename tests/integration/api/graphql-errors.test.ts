import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

test('a field that fails leaves what the others did to be seen', async () => {
  const { status, body } = await server.graphql(
    'mutation { a: createAgent(name: "x") { id name } b: createAgent(name: "") { id } }',
    {},
    account,
  )
  expect(status).toBe(200)
  expect(body.data).toMatchObject({ a: { name: 'x' }, b: null })
  expect(body.errors).toMatchObject([{ path: ['b'], extensions: { code: 'INVALID_INPUT', fields: [{ field: 'name' }] } }])
  expect((await server.call('GET', `/api/agents/${body.data.a.id}`, { key: account.key })).status).toBe(200)
})

describe('every error has a code:', () => {
  const json = { 'content-type': 'application/json' }
  const requests: [
    what: string,
    status: number,
    method: string,
    body: string | undefined,
    headers: Record<string, string>,
    query?: string,
  ][] = [
    ['a body that is no JSON', 400, 'POST', '{', json],
    ['a body that is a number', 400, 'POST', '1', json],
    ['a batch', 400, 'POST', '[{"query":"{ version { version } }"}]', json],
    ['no query', 400, 'POST', '{}', json],
    ['a query that is a number', 400, 'POST', '{"query":1}', json],
    ['variables that are a list', 400, 'POST', '{"query":"{ me { id } }","variables":[]}', json],
    ['a parameter there is not', 400, 'POST', '{"query":"{ me { id } }","more":1}', json],
    ['an operation there is not', 400, 'POST', '{"query":"query A { me { id } }","operationName":"B"}', json],
    ['a body of another type', 415, 'POST', '<query/>', { 'content-type': 'application/xml' }],
    ['another method', 405, 'PUT', '{"query":"{ me { id } }"}', json],
    ['a mutation by GET', 405, 'GET', undefined, {}, 'query=mutation{signOut{ok}}'],
    ['no query by GET', 400, 'GET', undefined, {}, 'x=1'],
    ['a credential that is not good', 401, 'POST', '{"query":"{ profile { id } }"}', { ...json, authorization: 'Bearer sk_wrong' }],
  ]
  test.each(requests)('%s', async (_what, status, method, body, headers, query) => {
    const answer = await server.call(method, `/graphql${query ? `?${query}` : ''}`, { ...(body === undefined ? {} : { body }), headers })
    const isPartial = answer.status === 200 && 'data' in answer.body
    expect(answer.body.errors?.length, JSON.stringify(answer.body)).toBeGreaterThan(0)
    for (const { extensions } of answer.body.errors) expect(extensions.code).toMatch(/^[A-Z][A-Z_]+$/)
    expect(isPartial ? answer.body.errors[0].extensions.status : answer.status).toBe(status)
  })
})

describe('null is not the same as left out', () => {
  let taskId: string
  beforeAll(async () => {
    const { id: agentId } = await server.trpc(account).agents.create.mutate({ name: 'Harbour Desk' })
    const task = { agentId, name: 'Tides', cronSchedule: '30 6 1 1 *', prompt: 'help' }
    taskId = (await server.trpc(account).schedules.createTask.mutate(task)).id
  })

  type Change = { description?: string | null; name?: string | null }
  const transports: [string, (change: Change) => Promise<unknown>][] = [
    [
      'REST',
      async (change) => {
        const { status, body } = await server.call('PUT', '/api/scheduled-tasks', { key: account.key, body: { taskId, ...change } })
        return status === 200 ? undefined : body
      },
    ],
    [
      'tRPC',
      async (change) => {
        const { status, body } = await server.call('POST', '/trpc/schedules.updateTask', { key: account.key, body: { taskId, ...change } })
        return status === 200 ? undefined : { code: body.error.data.appCode, ...body.error.data.details }
      },
    ],
    [
      'GraphQL, in variables',
      async (change) => {
        const query = `mutation ($taskId: ID!, $description: String, $name: String) {
          updateScheduledTask(taskId: $taskId, description: $description, name: $name) { id } }`
        const { body } = await server.graphql(query, { taskId, ...change }, account)
        return body.errors?.[0].extensions
      },
    ],
    [
      'GraphQL, in the query',
      async (change) => {
        const args = Object.entries(change).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        const { body } = await server.graphql(`mutation { updateScheduledTask(taskId: "${taskId}" ${args.join(' ')}) { id } }`, {}, account)
        return body.errors?.[0].extensions
      },
    ],
  ]
  const stored = async () => (await server.trpc(account).schedules.tasks.query({})).find(({ id }) => id === taskId)!

  test.each(transports)('over %s', async (_name, change) => {
    expect(await change({ description: 'for the ferry' })).toBeUndefined()
    expect(await change({ name: 'Tides at dawn' })).toBeUndefined()
    expect(await stored()).toMatchObject({ description: 'for the ferry', name: 'Tides at dawn' })
    expect(await change({ description: null })).toBeUndefined()
    expect((await stored()).description).toBeNull()
    expect(await change({ name: null })).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'name', message: expect.stringMatching(/null/) }],
    })
  })
})
