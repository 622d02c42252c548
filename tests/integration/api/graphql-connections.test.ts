import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../../../server/platform/core/ids.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

interface Connection {
  edges: { cursor: string; node: { id: string } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: number
}

const PAGE = '{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } }'

async function read(account: TestAccount, field: string, args = ''): Promise<Connection> {
  const { body } = await server.graphql(`{ list: ${field}${args && `(${args})`} ${PAGE} }`, {}, { cookie: account.cookie })
  expect(body.errors).toBeUndefined()
  return body.data.list
}
const idsOf = ({ edges }: Connection): string[] => edges.map(({ node }) => node.id)

const errorOf = async (account: TestAccount, query: string) => {
  const { body } = await server.graphql(query, {}, { cookie: account.cookie })
  return body.errors[0]
}

/** Agents that were made in the order of their ids; all of them in the same millisecond. */
async function insertAgents(account: TestAccount, ids: string[]): Promise<void> {
  const { system } = server.platform.databases
  for (const [index, id] of ids.entries()) {
    await sql`
      insert into agents (id, account_id, instance_id, name, model, ai_provider, plan, config, status, created_at)
      values (${id}, ${account.id}, ${`instance-${id}`}, ${id}, 'local/commands', 'local', 'free', '{}', 'pending',
        timestamptz '2026-01-01 00:00:00.123Z' + ${index} * interval '1 microsecond')`.execute(system)
  }
}

async function insertMessages(account: TestAccount, agentId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('message')).toSorted()
  const rows = ids.map((id) => ({ id, accountId: account.id, agentId, sender: 'user', content: `say ${id}`, platform: 'api' }))
  await server.platform.databases.system.insertInto('messages').values(rows).execute()
  return ids.toReversed()
}

describe('a list that grows', () => {
  let account: TestAccount
  const newest = Array.from({ length: 25 }, (_, index) => `agent-${String(99 - index)}`)
  beforeEach(async () => {
    account = await server.createAccount()
    await server.platform.databases.system.deleteFrom('agents').execute()
    await insertAgents(account, newest.toReversed())
  })

  test('is read page by page to its end, each entry once', async () => {
    const first = await read(account, 'agents')
    expect(idsOf(first)).toEqual(newest.slice(0, 20))
    expect(first).toMatchObject({
      totalCount: 25,
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: first.edges[0]!.cursor, endCursor: first.edges[19]!.cursor },
    })
    const second = await read(account, 'agents', `after: "${first.pageInfo.endCursor}"`)
    expect(idsOf(second)).toEqual(newest.slice(20))
    expect(second).toMatchObject({ totalCount: 25, pageInfo: { hasNextPage: false } })
  })

  test('shows no entry twice and leaves none out while others are added and removed', async () => {
    const first = await read(account, 'agents', 'first: 3')
    await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Made between two pages' } })
    // The one the next page begins behind is gone as well.
    for (const id of [newest[0]!, newest[2]!]) await server.call('DELETE', `/api/agents/${id}`, { key: account.key })
    const second = await read(account, 'agents', `first: 3, after: "${first.pageInfo.endCursor}"`)
    expect(idsOf(second)).toEqual(newest.slice(3, 6))
    expect(second.totalCount).toBe(24)
  })

  test('has no entries on a page of none, and says whether there are more', async () => {
    expect(await read(account, 'agents', 'first: 0')).toEqual({
      totalCount: 25,
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
  })

  test('takes null for what is left out', async () => {
    expect(idsOf(await read(account, 'agents', 'first: null, after: null'))).toEqual(newest.slice(0, 20))
  })

  test.each([
    ['first', 'first: -1', 'expected 0 to 100'],
    ['first', 'first: 101', 'expected 0 to 100'],
    ['after', 'after: ""', 'expected a cursor of this list'],
    ['after', 'after: "nonsense"', 'expected a cursor of this list'],
    ['after', `after: "${cursor('agents.list', '2026-02-31T00:00:00Z', 'x')}"`, 'expected a cursor of this list'],
    ['after', `after: "${cursor('agents.list', '0000-01-01T00:00:00Z', 'x')}"`, 'expected a cursor of this list'],
    ['after', `after: "${cursor('agents.list', '2026-02-01T00:00:00Z', '\0')}"`, 'expected a cursor of this list'],
    ['after', `after: "${cursor('keys.list', '2026-02-01T00:00:00Z', 'x')}"`, 'expected a cursor of this list'],
  ])('refuses a bad %s: %s', async (field, args, message) => {
    for (const selection of ['totalCount', 'edges { cursor }']) {
      const error = await errorOf(account, `{ agents(${args}) { ${selection} } }`)
      expect(error).toMatchObject({ path: ['agents'], extensions: { code: 'INVALID_INPUT', fields: [{ field, message }] } })
    }
    const nested = await errorOf(account, `{ me { agents(first: 1) { edges { node { messages(${args}) { totalCount } } } } } }`)
    expect(nested.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field, message }] })
  })

  test('is empty for whoever is not signed in', async () => {
    const { body } = await server.graphql(`{ agents ${PAGE} }`)
    expect(body.data.agents).toMatchObject({ totalCount: 0, edges: [] })
  })
})

describe('of a list only what is selected is read:', () => {
  let account: TestAccount
  beforeAll(async () => {
    account = await server.createAccount()
    await insertAgents(account, ['read-1', 'read-2', 'read-3'])
    for (const id of ['read-1', 'read-2', 'read-3']) await insertMessages(account, id, 4)
  })

  /** The statements one query sends, by the table they read. */
  async function statementsOf(query: string): Promise<string[]> {
    const seen: string[] = []
    const db = server.platform.databases.forAccount(account.id)
    // Kysely runs what was built of it through its executor, whatever calls it.
    const executor = vi.spyOn(db.getExecutor() as { executeQuery(query: { sql: string }): unknown }, 'executeQuery')
    try {
      const { body } = await server.graphql(query, {}, { key: account.key })
      expect(body.errors).toBeUndefined()
      for (const [compiled] of executor.mock.calls) seen.push((compiled as { sql: string }).sql)
    } finally {
      executor.mockRestore()
    }
    return seen
  }
  const counts = (statements: string[]) => statements.filter((text) => /count\(\*\)/.test(text)).length

  test('no rows for a count, no count for rows', async () => {
    const counting = await statementsOf('{ agents { totalCount } }')
    expect([counting.length, counts(counting)]).toEqual([1, 1])
    const reading = await statementsOf('{ agents { edges { node { id } } pageInfo { hasNextPage } } }')
    expect([reading.length, counts(reading)]).toEqual([1, 0])
    expect(await statementsOf('{ agents { __typename } }')).toEqual([])
  })

  test('the messages of all agents at once, and their counts at once', async () => {
    const query = '{ agents { edges { node { id messages(first: 2) { totalCount pageInfo { hasNextPage } edges { node { id } } } } } } }'
    const statements = await statementsOf(query)
    expect([statements.length, counts(statements)]).toEqual([3, 1])
    const { body } = await server.graphql(query, {}, { key: account.key })
    for (const { node } of body.data.agents.edges)
      expect(node.messages).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true }, edges: { length: 2 } })
  })
})

describe('every list', () => {
  let owner: Owner
  const agentOf = () => `agentId: "${owner.agentId}"`
  beforeAll(async () => {
    owner = await createOwner(server)
  })

  const lists: [field: string, args: () => string][] = [
    ['agents', () => ''],
    ['provisionedAgents', () => ''],
    ['messages', () => ''],
    ['messages', agentOf],
    ['agentMessages', agentOf],
    ['conversations', agentOf],
    ['files', agentOf],
    ['apiKeys', () => ''],
    ['passkeys', () => ''],
    ['agentLogs', agentOf],
    ['scheduledTasks', () => ''],
    ['scheduledTasks', agentOf],
    ['cronJobs', () => ''],
    ['paymentSessions', () => `sessionId: "${owner.paymentSessionId}"`],
  ]
  test.each(lists)('is the same in pages of one as in one page: %s', async (field, args) => {
    const all = await read(owner, field, [args(), 'first: 100'].filter(Boolean).join(', '))
    expect(all.edges.length).toBeGreaterThan(0)
    expect(all).toMatchObject({ totalCount: all.edges.length, pageInfo: { hasNextPage: false } })
    const seen: string[] = []
    for (let after = ''; ;) {
      const page = await read(owner, field, [args(), 'first: 1', after && `after: "${after}"`].filter(Boolean).join(', '))
      seen.push(...idsOf(page))
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor!
    }
    expect(seen).toEqual(idsOf(all))
  })

  test('of an agent goes on behind a message, for one agent and not for another', async () => {
    const agents = ['nested-1', 'nested-2']
    await insertAgents(owner, agents)
    const [messages] = await Promise.all(agents.map((id) => insertMessages(owner, id, 3)))
    const readMessages = async (id: string, args: string) => {
      const { body } = await server.graphql(`{ agent(agentId: "${id}") { messages(${args}) ${PAGE} } }`, {}, owner)
      return body
    }
    const first = (await readMessages('nested-1', 'first: 2')).data.agent.messages as Connection
    expect(idsOf(first)).toEqual(messages!.slice(0, 2))
    const after = `first: 2, after: "${first.pageInfo.endCursor}"`
    expect(idsOf((await readMessages('nested-1', after)).data.agent.messages)).toEqual(messages!.slice(2))
    expect((await readMessages('nested-2', after)).errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }])
  })
})

function cursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}
