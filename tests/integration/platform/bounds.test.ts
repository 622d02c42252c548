import type { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allOperations } from '../../contract/transports.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

/** Operations nobody is refused for calling too often, and why. */
const uncounted: Record<string, string> = {
  'system.serviceHealth': 'watched by machines that must not be refused; it reads nothing',
  'system.readiness': 'watched by machines that must not be refused; it asks the database whether it is there',
}

/** Lists without a number in their schema, and what bounds them instead. */
const boundedOtherwise: Record<string, string> = {
  'agents.configVersions []': 'as many versions as are kept',
  'agents.configDiff changes[]': 'the keys of two configurations, each at most one body',
  'agents.health channels[]': 'the channels of this version',
  'agents.health skills[]': 'the skills of this version',
  'agents.skills []': 'the skills of this version',
  'ai.models models[]': 'what the providers list, read up to a number of bytes',
  'ai.models models[].tags[]': 'a few words of this version',
  'ai.modelsOf models[]': 'what the provider lists, read up to a number of bytes',
  'ai.modelsOf models[].tags[]': 'a few words of this version',
  'ai.select model.tags[]': 'a few words of this version',
  'ai.providerKeys []': 'the providers of this version',
  'billing.info plans.collective.features[]': 'a few words of this version',
  'billing.info plans.label.features[]': 'a few words of this version',
  'billing.info plans.network.features[]': 'a few words of this version',
  'billing.info plans.solo.features[]': 'a few words of this version',
  'billing.plans collective.features[]': 'a few words of this version',
  'billing.plans label.features[]': 'a few words of this version',
  'billing.plans network.features[]': 'a few words of this version',
  'billing.plans solo.features[]': 'a few words of this version',
  'farcaster.describeRefresh methods[]': 'a few words of this version',
  'farcaster.describeRefresh optional[]': 'a few words of this version',
  'farcaster.describeRefresh required[]': 'a few words of this version',
  'farcaster.describeVerify methods[]': 'a few words of this version',
  'farcaster.describeVerify optional[]': 'a few words of this version',
  'farcaster.describeVerify required[]': 'a few words of this version',
  'invitations.list []': 'a hundred are open at most',
  'keys.create allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'keys.get allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'keys.list [].allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'keys.listAll [].allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'keys.rotate allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'keys.update allowedAddresses[]': 'what was sent when they were set, which is bounded',
  'members.list []': 'people who were let in one by one',
  'secondFactor.activate recoveryCodes[]': 'ten',
  'secondFactor.renewRecoveryCodes recoveryCodes[]': 'ten',
  'sessions.list []': 'sign-ins of the last 30 days, each of which was limited',
  'workspaces.list []': 'a person makes a hundred at most, and is invited to others one by one',
  'gateway.plugins []': 'the plugins of this server',
  'keys.validate features[]': 'a few words of this version',
  'keys.validateBearer features[]': 'a few words of this version',
  'openai.models data[]': 'what the providers list, read up to a number of bytes',
  'openai.complete choices[]': 'the answer of a provider, read up to a number of bytes',
  'openai.stream choices[]': 'the answer of a provider, read up to a number of bytes',
  'openai.embed data[]': 'the answer of a provider, read up to a number of bytes',
  'openai.embed data[].embedding[]': 'the answer of a provider, read up to a number of bytes',
  'subscriptions.list []': 'those that run: a plan and room for files, each of which was paid for',
  'system.capabilities models[]': 'what the providers list, read up to a number of bytes',
}

interface Def {
  type: string
  checks?: { _zod: { def: { check: string } } }[]
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
  options?: z.ZodType[]
  innerType?: z.ZodType
  valueType?: z.ZodType
  out?: z.ZodType
}

/** Paths of lists that may be of any length. */
function openLists(schema: z.ZodType, path = ''): string[] {
  const { type, checks = [], element, shape, options, innerType, out } = schema.def as unknown as Def
  // oxlint-disable-next-line no-underscore-dangle -- what Zod calls it
  const isBounded = checks.some(({ _zod }) => _zod.def.check === 'max_length')
  if (type === 'array') return [...(isBounded ? [] : [`${path}[]`]), ...openLists(element!, `${path}[]`)]
  if (shape) return Object.entries(shape).flatMap(([name, inner]) => openLists(inner, path ? `${path}.${name}` : name))
  if (options) return options.flatMap((option) => openLists(option, path))
  const inner = innerType ?? out
  return inner ? openLists(inner, path) : []
}

describe('every operation', () => {
  test('counts in a bucket, or is one that nobody may be refused', () => {
    expect(allOperations.filter(({ bucket }) => !bucket).map(({ name }) => name)).toEqual(Object.keys(uncounted))
  })

  test('answers lists of a bounded length, or of one that something else bounds', () => {
    const open = allOperations.flatMap(({ name, output }) => openLists(output).map((path) => `${name} ${path}`))
    expect(open.toSorted()).toEqual(Object.keys(boundedOtherwise).toSorted())
  })
})

describe('the newest messages of several agents', () => {
  let server: TestServer
  let account: TestAccount
  let agentId: string
  beforeAll(async () => {
    server = await startTestServer({ SELF_HOSTED_PLAN: 'network' })
    account = await server.createAccount()
    agentId = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Harbour Desk' } })).body.agent.id
    const message = { agentId, message: 'calculate 2 + 2' }
    await server.call('POST', '/api/chat', { key: account.key, body: message })
  })
  afterAll(() => server.close())

  const read = (input: { agentIds: string[]; perAgent?: number }) =>
    server.trpc({ key: account.key }).conversations.messagesOfAgents.query(input)

  test('name each agent once', async () => {
    await expect(read({ agentIds: Array.from({ length: 300 }, () => agentId), perAgent: 100 })).rejects.toThrow(
      'agentIds: expected each id once',
    )
  })

  test('are a thousand in all at most', async () => {
    const agentIds = [agentId, ...Array.from({ length: 10 }, (_, index) => `agent-${index}`)]
    await expect(read({ agentIds, perAgent: 100 })).rejects.toThrow('agentIds: expected at most 1000 messages in all')
    const lists = await read({ agentIds: agentIds.slice(0, 10), perAgent: 100 })
    expect(lists.map(({ messages }) => messages.length)).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('of one agent are answered over GraphQL under several names', async () => {
    const query =
      '{ agents(first: 1) { edges { node { a: messages(first: 1) { ...Ids } b: messages(first: 100) { ...Ids } c: messages(first: 100) { ...Ids } } } } } fragment Ids on MessageConnection { edges { node { id } } }'
    const { body } = await server.graphql(query, {}, account)
    const { a, b, c } = body.data.agents.edges[0].node
    expect([a, b, c].map(({ edges }) => edges.length)).toEqual([1, 2, 2])
  })

  test('are refused over GraphQL where a long one would be answered under many names', async () => {
    await server.call('POST', '/api/chat', { key: account.key, body: { agentId, message: 'remember '.repeat(3_500) } })
    const names = Array.from({ length: 95 }, (_, index) => `a${index}: content`).join(' ')
    const text = await server.graphql(
      `{ agents(first: 1) { edges { node { messages(first: 40) { edges { node { ${names} } } } } } } }`,
      {},
      account,
    )
    expect(text.status).toBe(200)
    await server.platform.databases.system
      .updateTable('messages')
      .set({ content: 'x'.repeat(200_000) })
      .execute()
    const refused = await server.graphql(
      `{ agents(first: 1) { edges { node { messages(first: 40) { edges { node { ${names} } } } } } } }`,
      {},
      account,
    )
    expect(refused).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'ANSWER_TOO_LARGE' } }] } })
  })

  test('of a session are as many as one answer holds, the newest always', async () => {
    const [session] = (await server.call('GET', `/api/agent?action=sessions&agentId=${agentId}`, { key: account.key })).body.sessions
    const read = async () =>
      (await server.call('GET', `/api/agent?action=session&agentId=${agentId}&sessionId=${session.id}`, { key: account.key })).body.session
    const { system } = server.platform.databases
    await system
      .updateTable('messages')
      .set({ content: 'x'.repeat(1_500_000) })
      .execute()
    expect((await read()).messages).toHaveLength(2)
    await system
      .updateTable('messages')
      .set({ content: 'x'.repeat(5_000_000) })
      .execute()
    expect((await read()).messages).toHaveLength(1)
  })
})

describe('credentials of an agent', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  test('are a hundred at most, those of earlier versions included; those there are can be changed', async () => {
    const { id: accountId, key } = await server.createAccount()
    const { id: agentId } = (await server.call('POST', '/api/agents', { key, body: { name: 'Harbour Desk' } })).body
    const set = (name: string) =>
      server.call('POST', '/api/agent', { key, body: { action: 'set-credential', agentId, key: name, value: 'secret' } })
    const rows = Array.from({ length: 99 }, (_, index) => ({ accountId, agentId, key: `credential-${index}`, sealedValue: 'sealed' }))
    await server.platform.databases.system.insertInto('agentCredentials').values(rows).execute()
    const providers = ['anthropic', 'openai', 'openrouter', 'google', 'groq']
    const lastPlace = await Promise.all(providers.map(set))
    expect(lastPlace.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409])
    expect(lastPlace.find(({ status }) => status === 409)!.body.code).toBe('TOO_MANY_CREDENTIALS')
    expect((await set(providers[lastPlace.findIndex(({ status }) => status === 200)]!)).status).toBe(200)
  })
})

describe('agents', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ SELF_HOSTED_PLAN: 'network' })
  })
  afterAll(() => server.close())

  test('are listed a thousand at a time; the older ones follow', async () => {
    const { id: accountId, key } = await server.createAccount()
    const rows = Array.from({ length: 1_005 }, (_, index) => ({
      id: `agent-${String(index).padStart(4, '0')}`,
      accountId,
      name: `Agent ${index}`,
      model: 'local/commands',
      aiProvider: 'local',
      plan: 'network' as const,
      config: '{}',
    }))
    await server.platform.databases.system.insertInto('agents').values(rows).execute()
    expect((await server.call('GET', '/api/agents', { key })).body.agents).toHaveLength(1_000)
    const older = await server.trpc({ key }).agents.list.query({ offset: 1_000 })
    expect(older.map(({ name }) => name)).toEqual(['Agent 4', 'Agent 3', 'Agent 2', 'Agent 1', 'Agent 0'])
  })
})
