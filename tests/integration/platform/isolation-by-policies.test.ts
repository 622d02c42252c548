import { describe, expect, test } from 'vitest'
import { testForeignIds } from '../../contract/foreign-ids.ts'
import { startTestServer } from '../../helpers/test-server.ts'
import { withoutFilter, withoutFilters, withoutPolicies, type Dropped } from '../../helpers/without-filters.ts'

const dropped: Dropped = { count: 0, left: [] }

describe('row-level security alone, with no query asking whose rows it wants', () => {
  testForeignIds({ engine: (engine) => withoutFilters(engine, dropped) })

  test('and none did', () => {
    expect(dropped.count, 'filters that were taken out').toBeGreaterThan(500)
    expect(new Set(dropped.left), 'statements that still ask').toEqual(new Set())
  })
})

describe('the taking out of filters', () => {
  test.each([
    ['select * from "agents" where "account_id" = $1 and "id" = $2', 'select * from "agents" where $1::text is not null and "id" = $2'],
    ['delete from "a" where ("a"."account_id" = $1 or b = $2)', 'delete from "a" where ($1::text is not null or b = $2)'],
    ['select 1 from a where account_id = $3', 'select 1 from a where $3::text is not null'],
    ['select "name" from "accounts" where "id" = $1', 'select "name" from "accounts" where $1::text is not null'],
    ['update "accounts" set "name" = $1 where "id" = $2', 'update "accounts" set "name" = $1 where $2::text is not null'],
    ['select 1 from "agents" where "id" = $1', 'select 1 from "agents" where "id" = $1'],
    ['update "jobs" set "account_id" = $1', 'update "jobs" set "account_id" = $1'],
  ])('%s', (sql, bare) => {
    expect(withoutFilter(sql, { count: 0, left: [] })).toBe(bare)
  })

  test('shows everybody everything where there is no row-level security either', async () => {
    const server = await startTestServer({}, undefined, { engine: (engine) => withoutFilters(withoutPolicies(engine), dropped) })
    const [one, other] = [await server.createAccount(), await server.createAccount()]
    const { id } = (await server.call('POST', '/api/agents', { key: one.key, body: { name: 'Seen by all' } })).body
    const listed = await server.call('GET', '/api/agents', { key: other.key })
    const read = await server.call('GET', `/api/agents/${id}`, { key: other.key })
    await server.close()
    expect(JSON.stringify(listed.body)).toContain('Seen by all')
    expect(read.status).toBe(200)
  })
})
