import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer()
  ;({ account, agentId } = await seedAccount(server))
})
afterAll(() => server.close())

const UNSEEN = '\u200B\u200D'

const call = (method: string, path: string, body: unknown) => server.call(method, path, { cookie: account.cookie, body })
const cron = { cronSchedule: '0 8 * * *', prompt: 'Report' }

test.each([
  ['an agent', 'POST', '/api/agents', 'name', {}],
  ['a provisioned agent', 'POST', '/api/agents/provision', 'name', {}],
  ['an API key', 'POST', '/api/keys', 'name', {}],
  ['the owner', 'PATCH', '/api/settings', 'name', {}],
  ['the owner, who signs up', 'POST', '/api/register', 'name', { email: 'unseen@example.org', password: 'correct horse battery' }],
  ['a task', 'POST', '/api/scheduled-tasks', 'name', cron],
  ['a cron job', 'POST', '/api/cron', 'name', { schedule: { kind: 'every', everyMs: 3_600_000 }, payload: { text: 'Report' } }],
])('a name that nobody can see, or that turns direction, is refused: %s', async (_what, method, path, field, rest) => {
  for (const name of [UNSEEN, 'a\u0007b', 'clerk\u202Egpj.exe']) {
    const answer = await call(method, path, { agentId, ...rest, [field]: name })
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } })
  }
})

test('a file whose name nobody can see is refused', async () => {
  const sent = await call('POST', '/api/files', { agentId, filename: UNSEEN, content: 'aGk=' })
  expect(sent).toMatchObject({ status: 400, body: { fields: [{ field: 'filename' }] } })
  const form = new FormData()
  form.set('agentId', agentId)
  form.set('file', new File(['hi'], UNSEEN))
  const response = await fetch(`${server.url}/api/files`, { method: 'POST', headers: { cookie: account.cookie }, body: form })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ fields: [{ field: 'file' }] })
})

test.each([
  ['/api/chat', 'message', {}],
  ['/api/agent', 'message', { action: 'chat' }],
  ['/api/scheduled-tasks', 'prompt', { ...cron, name: 'Report' }],
])('a message without words is refused: %s', async (path, field, rest) => {
  for (const text of ['   ', '\n', UNSEEN]) {
    const answer = await call('POST', path, { agentId, ...rest, [field]: text })
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } })
  }
})

test('settings of any form have bounds', async () => {
  const deep = (levels: number): unknown => (levels === 0 ? true : { in: deep(levels - 1) })
  for (const notifications of [{ long: 'x'.repeat(900_000) }, { deep: deep(10) }])
    expect(await call('PATCH', '/api/settings', { notifications })).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'notifications' }] },
    })
  const payload = { text: 'Report', more: 'x'.repeat(200_000) }
  const job = { name: 'Report', schedule: { kind: 'every', everyMs: 3_600_000 }, payload, agentId }
  expect(await call('POST', '/api/cron', job)).toMatchObject({ status: 400, body: { fields: [{ field: 'payload' }] } })
})

test('a configuration does not grow without end, however small its changes are', async () => {
  const change = (key: string) => call('PUT', `/api/agents/${agentId}/config`, { [key]: 'x'.repeat(250_000) })
  expect((await change('one')).status).toBe(200)
  expect((await change('two')).status).toBe(200)
  expect(await change('three')).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field: 'config' }] } })
})
