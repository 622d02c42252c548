import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkChains } from '../../../server/platform/audit/index.ts'
import type { AuditEvent } from '../../../server/insight/audit/audit.contract.ts'
import { callIn, createTeam, invite, joinTeam } from '../../helpers/teams.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let owner: TestAccount

beforeAll(async () => {
  server = await startTestServer()
  owner = await server.createAccount()
})
afterAll(() => server.close())

const eventsOf = async (query = '', account = owner): Promise<AuditEvent[]> =>
  (await server.call('GET', `/api/audit${query}`, { cookie: account.cookie })).body.events

const newest = async (action: string, account = owner): Promise<AuditEvent | undefined> =>
  (await eventsOf(`?action=${action}&limit=1`, account))[0]

test('making a key is told with who, from where and which values', async () => {
  const made = await server.call('POST', '/api/keys', {
    cookie: owner.cookie,
    body: { name: 'nightly job', scopes: ['agents:read'], rateLimit: 7 },
    headers: { 'user-agent': 'a browser', 'x-request-id': 'the-request' },
  })
  const event = await newest('keys.create')
  expect(event).toMatchObject({
    outcome: 'success',
    code: null,
    actor: { type: 'user', id: owner.id, name: owner.email },
    targets: [{ type: 'key', id: made.body.id, name: 'nightly job' }],
    context: { userAgent: 'a browser', requestId: 'the-request', sessionId: expect.stringMatching(/^sess_/), ip: expect.any(String) },
  })
  expect(event!.changes).toEqual([
    { field: 'name', after: 'nightly job' },
    { field: 'scopes', after: ['agents:read'] },
    { field: 'rateLimit', after: 7 },
    { field: 'isUsedElsewhere' },
  ])
  expect(JSON.stringify(await eventsOf())).not.toContain(made.body.key)
})

test('a changed setting has the value before and after', async () => {
  const account = await server.createAccount()
  await server.call('PATCH', '/api/settings', { cookie: account.cookie, body: { name: 'Countess' } })
  const [change] = (await newest('accounts.patchProfile', account))!.changes
  expect(change).toEqual({ field: 'name', before: expect.stringMatching(/^User /), after: 'Countess' })
})

test('what a key does is told as done by the key', async () => {
  const created = await server.call('POST', '/api/agents', { key: owner.key, body: { name: 'Atlas' } })
  const event = await newest('agents.create')
  expect(event).toMatchObject({
    actor: { type: 'key', id: expect.stringMatching(/^key_/) },
    targets: [{ type: 'agent', id: created.body.id }],
  })
  expect(event!.context.sessionId).toBeUndefined()
})

test('secrets that are sent are named, and never told', async () => {
  const agent = (await server.call('POST', '/api/agents', { key: owner.key, body: { name: 'Keeper' } })).body.id
  await server.trpc(owner).agents.setCredential.mutate({ agentId: agent, key: 'openai', value: 'sk-a-very-secret-value-1234567890' })
  const event = await newest('agents.setCredential')
  expect(event!.changes.map(({ field }) => field)).toContain('value')
  expect(JSON.stringify(event)).not.toContain('very-secret')
})

test('a change that is undone is not told as done', async () => {
  const before = await eventsOf('?action=schedules.createTask')
  const refused = await server.call('POST', '/api/scheduled-tasks', {
    key: owner.key,
    body: { name: 'x', cronSchedule: '0 9 * * *', prompt: 'hello', agentId: 'nobody' },
  })
  expect(refused.status).toBe(404)
  const after = await eventsOf('?action=schedules.createTask')
  expect(after.slice(0, after.length - before.length)).toEqual([expect.objectContaining({ outcome: 'failed', code: refused.body.code })])
})

test('what a key may not do is told as denied', async () => {
  const { body: limited } = await server.call('POST', '/api/keys', {
    cookie: owner.cookie,
    body: { name: 'reader', scopes: ['agents:read'] },
  })
  await server.call('POST', '/api/agents', { key: limited.key, body: { name: 'Atlas' } })
  expect(await newest('agents.create')).toMatchObject({ outcome: 'denied', code: 'SCOPE_REQUIRED', actor: { type: 'key', id: limited.id } })
})

test('input that makes no sense, the work of agents and what is only read are not told', async () => {
  const account = await server.createAccount()
  const before = (await eventsOf('', account)).length
  await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: '' } })
  await server.call('POST', '/api/memory', { key: account.key, body: { memory: { a: 1 } } })
  await server.call('GET', '/api/agents', { key: account.key })
  expect(await eventsOf('', account)).toHaveLength(before)
})

test('sign-ins are told, good and bad, in the log of the person', async () => {
  const account = await server.createAccount()
  await server.call('POST', '/api/auth/login', { body: { email: account.email, password: 'not it at all' } })
  expect(await newest('accounts.signIn', account)).toMatchObject({
    outcome: 'denied',
    actor: { type: 'nobody', id: null },
    targets: [{ id: account.id }],
  })
  await server.call('POST', '/api/auth/login', { body: { email: account.email, password: account.password } })
  expect(await newest('accounts.signIn', account)).toMatchObject({
    outcome: 'success',
    actor: { type: 'user', id: account.id },
    changes: expect.arrayContaining([{ field: 'method', after: 'password' }]),
  })
  expect(JSON.stringify(await eventsOf('', account))).not.toContain('not it at all')
})

test('a repeated call with the same Idempotency-Key is told once', async () => {
  const account = await server.createAccount()
  const create = () =>
    server.call('POST', '/api/agents', { key: account.key, body: { name: 'Once' }, headers: { 'idempotency-key': 'the-same' } })
  await create()
  expect((await create()).headers.get('idempotent-replayed')).toBe('true')
  expect(await eventsOf('?action=agents.create', account)).toHaveLength(1)
})

test('reading the token of an agent is told', async () => {
  const { agents } = (await server.call('GET', '/api/agents', { key: owner.key })).body
  await server.call('GET', `/api/agents/${agents[0].id}/token`, { key: owner.key })
  expect(await newest('agents.token')).toMatchObject({ targets: [{ type: 'agent', id: agents[0].id }] })
})

test('the log is read page by page, over every transport', async () => {
  const all = await eventsOf('?limit=100')
  const first = (await server.call('GET', '/api/audit?limit=2', { cookie: owner.cookie })).body
  expect(first.events).toEqual(all.slice(0, 2))
  expect(await eventsOf(`?limit=2&before=${first.next}`)).toEqual(all.slice(2, 4))
  expect((await server.trpc({ cookie: owner.cookie }).audit.list.query({ limit: 2 })).events).toEqual(all.slice(0, 2))
  const graph = await server.graphql(
    '{ auditList(first: 2) { totalCount edges { node { action number } } } }',
    {},
    { cookie: owner.cookie },
  )
  expect(graph.body.data.auditList.edges.map(({ node }: { node: AuditEvent }) => node.number)).toEqual(
    all.slice(0, 2).map(({ number }) => number),
  )
})

test('an export has every event, is guarded against formulas, and is told itself', async () => {
  const account = await server.createAccount()
  await server.call('POST', '/api/keys', {
    cookie: account.cookie,
    body: { name: '=HYPERLINK("http://evil")' },
    headers: { 'user-agent': '=cmd|calc' },
  })
  const all = await eventsOf('?limit=100', account)
  const file = await fetch(`${server.url}/api/audit/export`, { headers: { cookie: account.cookie } })
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="audit.jsonl"')
  const exported = (await file.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent)
  expect(exported.slice(1)).toEqual(all)
  expect(exported[0]).toMatchObject({ action: 'audit.export', actor: { id: account.id } })
  const csv = await server.call('GET', '/api/audit/export?format=csv&action=keys.create', { cookie: account.cookie })
  expect(csv.body).toMatch(/^number,at,action,/)
  expect(csv.body).toContain(`'=cmd|calc`)
  expect((await server.call('GET', '/api/audit/export?format=xlsx', { cookie: account.cookie })).body).toMatchObject({
    fields: [{ field: 'format' }],
  })
})

test('a key without the scope reads nothing, and nobody reads the log of another workspace', async () => {
  const { body: limited } = await server.call('POST', '/api/keys', {
    cookie: owner.cookie,
    body: { name: 'reader', scopes: ['agents:read'] },
  })
  for (const path of ['/api/audit', '/api/audit/export'])
    expect((await server.call('GET', path, { key: limited.key })).body).toMatchObject({ code: 'SCOPE_REQUIRED' })
  const other = await server.createAccount()
  expect(JSON.stringify(await eventsOf('?limit=100', other))).not.toContain(owner.id)
})

test('every chain fits after all that', async () => {
  expect((await checkChains(server.platform.databases.system)).broken).toEqual([])
})

describe('what changes who is in a team', () => {
  let teamId: string
  beforeAll(async () => {
    teamId = await createTeam(server, owner)
  })
  const newestOfTeam = async (action: string): Promise<AuditEvent> =>
    (await callIn(server, teamId, 'GET', `/api/audit?action=${action}&limit=1`, { cookie: owner.cookie })).body.events[0]

  test('invitations say for whom and as what, and who came is told in the team', async () => {
    const guest = await server.createAccount()
    const { token } = await invite(server, teamId, owner, guest.email, 'viewer')
    const { changes } = await newestOfTeam('invitations.create')
    expect(changes).toEqual([
      { field: 'role', after: 'viewer' },
      { field: 'email', after: guest.email },
    ])
    await server.call('POST', '/api/workspaces/invitations/accept', { cookie: guest.cookie, body: { token } })
    expect(await newestOfTeam('invitations.accept')).toMatchObject({
      actor: { id: guest.id },
      targets: [{ type: 'user', id: guest.id }],
      changes: expect.arrayContaining([{ field: 'role', after: 'viewer' }]),
    })
  })

  test('a role has the one before, and who left is told in the team', async () => {
    const member = await joinTeam(server, teamId, owner)
    const change = await callIn(
      server,
      teamId,
      'PATCH',
      `/api/workspaces/current/members/${member.id}`,
      { cookie: owner.cookie },
      { role: 'admin' },
    )
    expect(change.status).toBe(200)
    const { changes } = await newestOfTeam('members.changeRole')
    expect(changes).toEqual([{ field: 'role', before: 'member', after: 'admin' }])
    expect((await callIn(server, teamId, 'POST', '/api/workspaces/current/leave', { cookie: member.cookie }, {})).status).toBe(200)
    expect(await newestOfTeam('members.leave')).toMatchObject({ actor: { id: member.id }, targets: [{ type: 'user', id: member.id }] })
  })

  test('a new name has the one before', async () => {
    await callIn(server, teamId, 'PATCH', '/api/workspaces/current', { cookie: owner.cookie }, { name: 'Quay Records' })
    expect((await newestOfTeam('workspaces.rename')).changes).toEqual([{ field: 'name', before: 'Harbour Records', after: 'Quay Records' }])
  })
})

test('keys that leaked are told to their workspaces, each of its own alone', async () => {
  const accounts = [await server.createAccount(), await server.createAccount()]
  const made = await Promise.all(accounts.map(({ cookie }) => server.call('POST', '/api/keys', { cookie, body: { name: 'in a script' } })))
  await server.call('POST', '/api/keys/leaks', { body: { keys: made.map(({ body }) => body.key) } })
  for (const [index, account] of accounts.entries())
    expect((await newest('keys.reportLeak', account))!.targets).toEqual([{ type: 'key', id: made[index]!.body.id, name: 'in a script' }])
})
