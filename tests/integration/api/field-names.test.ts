import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeRequest, type WrittenRequest } from '../../../server/platform/operations/rest-request.ts'
import { withIdsOf } from '../../contract/examples.ts'
import { createOperator, OPERATOR } from '../../contract/contract-server.ts'
import { seedAccount, type Owner } from '../../contract/fixtures.ts'
import { allRestCalls } from '../../contract/rest-transport.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer({ ADMIN_EMAILS: OPERATOR })
  // What is for operators alone is refused to others before it is read.
  owner = await seedAccount(server, await createOperator(server))
})
afterAll(() => server.close())

/** No field takes it, whatever it is for. */
const BAD = 'x\0'

const send = (method: string, path: string, { params, query, body }: WrittenRequest, headers: Record<string, string> = {}) => {
  const names = Object.values(params)
  const filled = path.replace(/:\w+|\*$/g, () => encodeURIComponent(names.shift()!))
  const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query as Record<string, string>)}` : ''
  return server.call(method, filled + search, {
    cookie: owner.cookie,
    headers,
    ...(body === undefined ? {} : { body: withIdsOf(owner, body) }),
  })
}

// Links send whoever follows them to a page that says what is wrong, and what Stripe sends is known by its signature alone.
const calls = (await allRestCalls()).filter(({ isStream, binding }) => !isStream && !binding.redirect && !binding.bodyOf)
const places = calls.flatMap(({ method, path, binding, action }) => {
  const written = writeRequest(method, path, binding, binding.operation.example.input as object, action)
  const texts = (fields: unknown) =>
    Object.entries((fields ?? {}) as object).flatMap(([name, value]) => (typeof value === 'string' && name !== 'action' ? [name] : []))
  const at = (name: string, request: WrittenRequest) => ({ id: binding.id, method, path, name, request })
  return [
    ...Object.keys(written.params).map((name) => at(name, { ...written, params: { ...written.params, [name]: BAD } })),
    ...texts(written.query).map((name) => at(name, { ...written, query: { ...written.query, [name]: BAD } })),
    ...texts(written.body).map((name) => at(name, { ...written, body: { ...(written.body as object), [name]: BAD } })),
  ]
})

const fieldsOf = (body: Record<string, unknown>): string[] => {
  const { fields } = (typeof body.error === 'object' ? body.error : body) as { fields: { field: string }[] }
  return fields.map(({ field }) => field)
}

describe('what a REST call refuses has the name it was sent by', () => {
  test.each(places)('$id: $name', async ({ method, path, name, request }) => {
    const answer = await send(method, path, request)
    expect(answer.status).toBe(400)
    expect(fieldsOf(answer.body)).toContain(name)
  })

  const whole = (body: unknown): WrittenRequest => ({ params: {}, query: {}, body })
  test.each([
    ['one value of a key', 'POST', '/api/memory', whole({ agentId: 'x', key: 'tone', memory: BAD }), 'memory'],
    ['inside of one value', 'POST', '/api/memory', whole({ agentId: 'x', key: 'a.b', memory: { deep: BAD } }), 'memory.deep'],
    ['one of several values', 'POST', '/api/memory', whole({ agentId: 'x', memory: { tone: BAD } }), 'memory.tone'],
    ['a file that is asked for by a query', 'GET', '/api/files', { params: {}, query: { download: BAD }, body: undefined }, 'download'],
    ['a field of a plugin', 'POST', '/api/v1/gateway', whole({ plugin: 'agent', own: BAD }), 'own'],
  ] as const)('%s', async (_what, method, path, request, name) => {
    expect(fieldsOf((await send(method, path, request)).body)).toContain(name)
  })

  test('a header', async () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    const paid = await send('POST', '/api/v1/gateway', whole({ messages }), { 'x-payment-method': 'gold' })
    expect(fieldsOf(paid.body)).toContain('X-Payment-Method')
  })
})
