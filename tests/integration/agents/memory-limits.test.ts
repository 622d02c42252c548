import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plans } from '../../../server/money/billing/plans.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => void (server = await startTestServer({ DEFAULT_MODEL: 'local/commands', SELF_HOSTED_PLAN: 'solo' })))
afterAll(() => server.close())
beforeEach(async () => {
  ;({ account, agentId } = await seedAccount(server))
})

const MAX_KEYS = plans.solo.memoryKeys
const MAX_BYTES = plans.solo.memoryMb * 1024 ** 2
const AT_ONCE = 20

const call = (method: string, path: string, body?: unknown) => server.call(method, path, { key: account.key, body })
const store = (memory: Record<string, unknown>) => call('POST', '/api/memory', { agentId, memory })
const storeAtOnce = (memoryOf: (caller: number) => Record<string, unknown>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, caller) => store(memoryOf(caller))))

/** Stores texts of `length` characters under `prefix` and a number of four digits, without the limits of a call. */
const fill = (prefix: string, count: number, length: number) =>
  sql`
    insert into agent_memories (account_id, agent_id, key, value)
    select ${account.id}, ${agentId}, ${prefix} || lpad(number::text, 4, '0'), to_jsonb(repeat('x', ${length}::int))
    from generate_series(1, ${count}::int) as number`.execute(server.platform.databases.system)

const stored = async () =>
  (
    await sql<{ keys: number; bytes: number }>`
    select count(*) as keys, coalesce(sum(octet_length(key) + octet_length(value::text)), 0)::int8 as bytes
    from agent_memories where account_id = ${account.id}`.execute(server.platform.databases.system)
  ).rows[0]!

describe('what agents remember', () => {
  test('has as many keys as the plan allows, whoever stores at once', async () => {
    await fill('old', MAX_KEYS - 55, 1)
    const answers = await storeAtOnce((caller) => Object.fromEntries(Array.from({ length: 10 }, (_, key) => [`${caller} ${key}`, key])))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    const refused = { status: 413, body: { code: 'MEMORY_FULL', resource: 'keys', current: MAX_KEYS - 5, limit: MAX_KEYS } }
    for (const answer of answers.filter(({ status }) => status !== 200)) expect(answer).toMatchObject(refused)
    expect(await stored()).toMatchObject({ keys: MAX_KEYS - 5 })
  })

  test('has as many bytes as the plan allows, whoever stores at once', async () => {
    await fill('old', 100, 99_000)
    const answers = await storeAtOnce((caller) => ({ [`key${caller}`]: 'x'.repeat(99_000) }))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(answer).toMatchObject({ status: 413, body: { code: 'MEMORY_FULL', resource: 'bytes', limit: MAX_BYTES } })
    expect((await stored()).bytes).toBeLessThanOrEqual(MAX_BYTES)
  })

  test('can be replaced by less and forgotten when there is more than the plan allows', async () => {
    await fill('old', MAX_KEYS + 10, 10)
    expect(await store({ old0001: '' })).toMatchObject({ status: 200 })
    expect(await store({ another: 1 })).toMatchObject({ status: 413, body: { current: MAX_KEYS + 10 } })
    for (let key = 1; key <= 11; key++) await call('DELETE', `/api/memory?agentId=${agentId}&key=old${String(key).padStart(4, '0')}`)
    expect(await store({ another: 1 })).toMatchObject({ status: 200 })
  })

  test('is bounded for what an agent stores by itself, too', async () => {
    await fill('old', MAX_KEYS, 1)
    const { body } = await call('POST', '/api/chat', { message: 'remember tide = high', agentId })
    expect(body.reply).toMatch(/memory of the plan is full/)
    expect(await stored()).toMatchObject({ keys: MAX_KEYS })
  })
})

describe('memory is read page by page', () => {
  const readAll = async (path: string) => {
    const pages: Record<string, unknown>[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await call('GET', `${path}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      expect(status).toBe(200)
      pages.push(body.memory)
      expect(body.count).toBe(Object.keys(body.memory).length)
      cursor = body.nextCursor
    }
    return pages
  }
  const sizeOf = (page: unknown) => Buffer.byteLength(JSON.stringify(page))

  test('of a few megabytes at most, and all of it can be read', async () => {
    await fill('large', 99, 99_000)
    const pages = await readAll(`/api/memory?agentId=${agentId}`)
    expect(pages.flatMap((page) => Object.keys(page))).toHaveLength(99)
    expect(pages.length).toBe(3)
    for (const page of pages) expect(sizeOf(page)).toBeLessThan(4.1 * 1024 ** 2)
  })

  test('of as many keys as are asked for, each key once', async () => {
    await fill('key', 25, 5)
    const pages = await readAll('/api/memory?agentId=all&limit=10')
    expect(pages.map((page) => Object.keys(page).length)).toEqual([10, 10, 5])
    expect(new Set(pages.flatMap((page) => Object.keys(page))).size).toBe(25)
  })

  test('through every transport', async () => {
    await fill('key', 5, 5)
    const first = await server.trpc(account).memory.get.query({ agentId, limit: 3 })
    expect(first).toMatchObject({ count: 3, nextCursor: 'key0003' })
    const query = 'query ($agentId: ID, $cursor: String) { memory(agentId: $agentId, limit: 3, cursor: $cursor) { count nextCursor } }'
    const { body } = await server.graphql(query, { agentId, cursor: first.nextCursor }, account)
    expect(body).toEqual({ data: { memory: { count: 2, nextCursor: null } } })
  })
})
