import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../../../server/platform/core/ids.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { signVoucher, wallet } from '../../contract/wallet.ts'
import { payIn } from '../../helpers/ledger.ts'
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

/** The statements one query sends to the account's database. */
async function statementsOf(account: TestAccount, query: string): Promise<string[]> {
  const seen: string[] = []
  const db = server.platform.databases.forAccount(account.id, { userId: account.id })
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

  const counts = (statements: string[]) => statements.filter((text) => /count\(\*\)/.test(text)).length

  test('no rows for a count, no count for rows', async () => {
    const counting = await statementsOf(account, '{ agents { totalCount } }')
    expect([counting.length, counts(counting)]).toEqual([1, 1])
    const reading = await statementsOf(account, '{ agents { edges { node { id } } pageInfo { hasNextPage } } }')
    expect([reading.length, counts(reading)]).toEqual([1, 0])
    expect(await statementsOf(account, '{ agents { __typename } }')).toEqual([])
  })

  test('the messages of all agents at once, and their counts at once', async () => {
    const query = '{ agents { edges { node { id messages(first: 2) { totalCount pageInfo { hasNextPage } edges { node { id } } } } } } }'
    const statements = await statementsOf(account, query)
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

describe('a list inside of an entry', () => {
  let account: TestAccount
  const agent = 'agent-inside'
  const [talk, otherTalk] = ['sess_inside', 'sess_other']
  /** What messages say, in the order of the conversation. */
  const said = ['one', 'two', 'answer to two', 'three', 'four', 'answer to four']
  /** The first is closed, the second open. */
  let paymentSessions: string[]

  beforeAll(async () => {
    account = await server.createAccount()
    await insertAgents(account, [agent])
    const { system } = server.platform.databases
    await system
      .insertInto('conversationSessions')
      .values([talk, otherTalk].map((id) => ({ id, accountId: account.id, agentId: agent, status: 'idle' })))
      .execute()
    // "two" is answered when everything else has been said.
    const rows = ['one', 'two', 'three', 'four', 'answer to four', 'answer to two']
    for (const id of [talk, otherTalk]) for (const content of rows) await say(id, content)
    await payIn(server.platform, account.id, 20_000_000)
    // Of one wallet one is open at a time.
    paymentSessions = [await openPaymentSession(), await openPaymentSession()]
    for (const id of paymentSessions) await insertVouchers(id, 4)
  })

  const asked = new Map<string, string>()
  async function say(sessionId: string, content: string): Promise<void> {
    const id = `msg_${String(asked.size).padStart(4, '0')}_${sessionId}`
    asked.set(`${sessionId} ${content}`, id)
    const replyTo = asked.get(`${sessionId} ${content.replace('answer to ', '')}`)!
    const reply = content.startsWith('answer') ? { sender: 'agent', replyTo } : { sender: 'user' }
    await server.platform.databases.system
      .insertInto('messages')
      .values({ id, accountId: account.id, agentId: agent, sessionId, content, platform: 'api', ...reply })
      .execute()
  }

  async function openPaymentSession(): Promise<string> {
    const path = '/api/wallet/sessions'
    const { key } = account
    const known = (await server.call('GET', `${path}?address=${wallet.address}`, { key })).body.sessions as { id: string }[]
    for (const { id } of known) await server.call('DELETE', `${path}?sessionId=${id}`, { key })
    return (await server.call('POST', path, { key, body: { address: wallet.address, deposit: '5.00' } })).body.session.id
  }

  /** Charges of one millisecond; what each is for says which one of its session it is. */
  async function insertVouchers(sessionId: string, count: number, from = 0): Promise<void> {
    for (let index = from; index < from + count; index++)
      await sql`
        insert into payment_vouchers (id, account_id, session_id, nonce, amount_micro_usd, plugin, captured_at, created_at)
        values (${newId('voucher')}, ${account.id}, ${sessionId}, ${`nonce ${index}`}, 50000, ${`call ${index}`}, now(),
          timestamptz '2026-01-01 00:00:00.123Z' + ${index} * interval '1 microsecond')`.execute(server.platform.databases.system)
  }

  interface Texts {
    edges: { cursor: string; node: { text: string } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
    totalCount: number
  }
  const page = (name: string, text: string, args: string) =>
    `list: ${name}${args && `(${args})`} { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { text: ${text} } } }`
  const lists = {
    'conversation.messages': (parent: string, args: string) =>
      `{ parent: conversation(agentId: "${agent}", sessionId: "${parent}") { ${page('messages', 'content', args)} } }`,
    'PaymentSession.vouchers': (parent: string, args: string) =>
      `{ parent: paymentSessions(sessionId: "${parent}", first: 1) { edges { node { ${page('vouchers', 'plugin', args)} } } } }`,
  }
  type List = keyof typeof lists

  async function readInside(list: List, parent: string, args = ''): Promise<Texts> {
    const { body } = await server.graphql(lists[list](parent, args), {}, { key: account.key })
    expect(body.errors).toBeUndefined()
    return (body.data.parent.edges?.[0].node ?? body.data.parent).list
  }
  const textsOf = ({ edges }: Texts) => edges.map(({ node }) => node.text)

  const cases: [List, () => [parent: string, other: string], texts: string[], add: (parent: string) => Promise<void>][] = [
    ['conversation.messages', () => [talk!, otherTalk!], said.toReversed(), (parent) => say(parent, 'five')],
    [
      'PaymentSession.vouchers',
      () => [paymentSessions[1]!, paymentSessions[0]!],
      ['call 0', 'call 1', 'call 2', 'call 3'],
      (parent) => insertVouchers(parent, 1, 4),
    ],
  ]

  describe.each(cases)('%s', (list, parents, texts, add) => {
    test('is the same in pages of one as in one page', async () => {
      const [parent] = parents()
      const all = await readInside(list, parent)
      expect(textsOf(all)).toEqual(texts)
      expect(all).toMatchObject({ totalCount: texts.length, pageInfo: { hasNextPage: false } })
      const seen: string[] = []
      for (let after = ''; ;) {
        const one = await readInside(list, parent, `first: 1${after && `, after: "${after}"`}`)
        expect(one.totalCount).toBe(texts.length)
        seen.push(...textsOf(one))
        if (!one.pageInfo.hasNextPage) break
        after = one.pageInfo.endCursor!
      }
      expect(seen).toEqual(texts)
    })

    test('has no entries on a page of none, and says whether there are more', async () => {
      expect(await readInside(list, parents()[0], 'first: 0')).toEqual({
        totalCount: texts.length,
        edges: [],
        pageInfo: { hasNextPage: true, endCursor: null },
      })
    })

    test.each([
      ['first', 'first: -1', 'expected 0 to 100'],
      ['first', 'first: 101', 'expected 0 to 100'],
      ['after', 'after: "nonsense"', 'expected a cursor of this list'],
    ])('refuses a bad %s: %s', async (field, args, message) => {
      const error = await errorOf(account, lists[list](parents()[0], args))
      expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field, message }] })
    })

    test('takes no cursor of the same list of another parent', async () => {
      const [parent, other] = parents()
      const { pageInfo } = await readInside(list, other, 'first: 1')
      const error = await errorOf(account, lists[list](parent, `after: "${pageInfo.endCursor}"`))
      expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field: 'after' }] })
    })

    test('shows no entry twice and leaves none out while another is added', async () => {
      const [, other] = parents()
      const first = await readInside(list, other, 'first: 2')
      await add(other)
      const second = await readInside(list, other, `first: 100, after: "${first.pageInfo.endCursor}"`)
      const seen = [...textsOf(first), ...textsOf(second)]
      expect(seen.filter((text) => texts.includes(text))).toEqual(texts)
      expect(second.totalCount).toBe(texts.length + 1)
    })
  })

  test('of which nothing is selected is not read, and rows and counts of several parents are read at once', async () => {
    const tables = async (query: string) => (await statementsOf(account, query)).map((text) => [tableOf(text), /count\(\*\)/.test(text)])
    const conversation = (selection: string) => `{ conversation(agentId: "${agent}", sessionId: "${talk}") { ${selection} } }`
    const before = ['agents', 'conversation_sessions'].map((table) => [table, false])
    expect(await tables(conversation('status'))).toEqual(before)
    expect(await tables(conversation('messages { totalCount }'))).toEqual([...before, ['messages', true]])
    expect(await tables(conversation('messages { edges { node { content } } }'))).toEqual([...before, ['messages', false]])

    const ofWallet = (selection: string) => `{ paymentSessions(address: "${wallet.address}") { edges { node { ${selection} } } } }`
    expect(await tables(ofWallet('status'))).toEqual([['payment_sessions', false]])
    expect(await tables(ofWallet('vouchers(first: 2) { totalCount }'))).toEqual([
      ['payment_sessions', false],
      ['payment_vouchers', true],
    ])
    const both = await tables(ofWallet('vouchers(first: 2) { totalCount edges { node { plugin } } pageInfo { hasNextPage } }'))
    expect(both.toSorted()).toEqual([
      ['payment_sessions', false],
      ['payment_vouchers', false],
      ['payment_vouchers', true],
    ])
    const { body } = await server.graphql(ofWallet('vouchers(first: 2) { edges { node { plugin } } }'), {}, { key: account.key })
    const edges = [{ node: { plugin: 'call 0' } }, { node: { plugin: 'call 1' } }]
    const session = { node: { vouchers: { edges } } }
    expect(body.data.paymentSessions.edges).toEqual([session, session])
  })

  test('leaves out vouchers once they are settled', async () => {
    const id = paymentSessions[0]!
    const { pageInfo, totalCount } = await readInside('PaymentSession.vouchers', id, 'first: 1')
    await sql`update payment_vouchers set settled_at = now() where session_id = ${id} and plugin in ('call 0', 'call 2')`.execute(
      server.platform.databases.system,
    )
    const rest = await readInside('PaymentSession.vouchers', id, `after: "${pageInfo.endCursor}"`)
    expect(textsOf(rest).slice(0, 2)).toEqual(['call 1', 'call 3'])
    expect(rest.totalCount).toBe(totalCount - 2)
  })

  test('needs the scope of the query that shows the same: a key that may only open sessions sees no vouchers', async () => {
    const body = { name: 'opens sessions', scopes: ['payments:write'] }
    const { key } = (await server.call('POST', '/api/keys', { cookie: account.cookie, body })).body
    const query = `mutation { openPaymentSession(address: "${wallet.address}", deposit: "5.00") { session { id vouchers { totalCount } } } }`
    const refused = (await server.graphql(query, {}, { key })).body
    expect(refused.errors).toMatchObject([{ extensions: { code: 'SCOPE_REQUIRED', scope: 'payments:read' } }])
    const { data } = (await server.graphql(query, {}, { key: account.key })).body
    expect(data.openPaymentSession.session).toEqual({ id: paymentSessions[1], vouchers: { totalCount: 4 } })
  })

  test('shows what was changed before it in the same request', async () => {
    const { sessionId, userAddress, plugin, signature, nonce } = await signVoucher(paymentSessions[1]!)
    const counted = `openPaymentSession(address: "${wallet.address}", deposit: "5.00") { session { vouchers { totalCount } } }`
    const charged = `submitVoucher(sessionId: "${sessionId}", userAddress: "${userAddress}", plugin: "${plugin}", signature: "${signature}", nonce: "${nonce}")`
    const query = `mutation { before: ${counted} ${charged} { success } after: ${counted} }`
    const { data } = (await server.graphql(query, {}, { key: account.key })).body
    const { before, after } = data
    expect(after.session.vouchers.totalCount).toBe(before.session.vouchers.totalCount + 1)
  })

  test('is right where one request asks for it several times', async () => {
    const ask = (args: string) => page('vouchers', 'plugin', args).replace('list:', '')
    const id = paymentSessions[1]!
    const session = (alias: string, args: string) =>
      `${alias}: paymentSessions(sessionId: "${id}", first: 1) { edges { node { ${ask(args)} } } }`
    const query = `{ ${session('all', 'first: 5')} ${session('again', 'first: 5')} ${session('two', 'first: 2')} }`
    const { body } = await server.graphql(query, {}, { key: account.key })
    const [all, again, two] = ['all', 'again', 'two'].map((alias) => body.data[alias].edges[0].node.vouchers as Texts)
    expect(again).toEqual(all)
    expect(new Set(textsOf(all!)).size).toBe(all!.totalCount)
    expect(textsOf(two!)).toEqual(textsOf(all!).slice(0, 2))
    expect(two!.totalCount).toBe(all!.totalCount)
  })
})

/** The table a statement is about: the last it names behind "from". */
const tableOf = (statement: string): string => /.*from "(\w+)"/s.exec(statement)![1]!

function cursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}
