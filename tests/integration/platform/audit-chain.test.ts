import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Databases } from '../../../db/client.ts'
import { auditEvents, checkChains, readToldHeads } from '../../../server/platform/audit/index.ts'
import type { AuditEvent } from '../../../server/platform/core/index.ts'
import { openTestDatabase } from '../../helpers/test-database.ts'

let databases: Databases
let chain: string
let chains = 0

beforeAll(async () => {
  databases = (await openTestDatabase()).databases
})
afterAll(() => databases.close())
beforeEach(() => {
  chain = `usr_chain${++chains}`
})

const event = (details: Partial<AuditEvent> = {}): AuditEvent => ({
  accountId: chain,
  action: 'keys.create',
  outcome: 'success',
  code: null,
  actor: { type: 'user', id: chain, name: 'Ada Lovelace' },
  targets: [{ type: 'key', id: 'key_1', name: 'nightly "job"' }],
  context: { ip: '127.0.0.1', requestId: 'req_1' },
  changes: { name: { before: null, after: 'nightly' } },
  ...details,
})

const write = (details?: Partial<AuditEvent>) => auditEvents.insertEvent(databases.forAccount(chain), event(details))

async function writeMany(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await write()
}

/** Does what the database keeps even its owner from doing by mistake. */
async function tamper(statement: ReturnType<typeof sql>): Promise<void> {
  await databases.system.transaction().execute(async (db) => {
    await sql`alter table audit_events disable trigger all`.execute(db)
    await statement.execute(db)
    await sql`alter table audit_events enable trigger all`.execute(db)
  })
}

const broken = async (...args: Parameters<typeof checkChains> extends [unknown, ...infer Rest] ? Rest : never) =>
  (await checkChains(databases.system, ...args)).broken.filter((one) => one.chain === chain)

const headOf = async () => (await auditEvents.listHeads(databases.system, 1000)).find((head) => head.chain === chain)!

describe('the chain of an account', () => {
  test('has numbers without a gap, and fits', async () => {
    await writeMany(3)
    const rows = await auditEvents.listEvents(databases.forAccount(chain), chain, {}, 10)
    expect(rows.map(({ number }) => number)).toEqual([3, 2, 1])
    expect(rows[0]).toMatchObject({ action: 'keys.create', actorName: 'Ada Lovelace', targets: [{ id: 'key_1' }] })
    expect(await broken()).toEqual([])
  })

  test('fits when many write at once', async () => {
    await Promise.all(Array.from({ length: 40 }, () => write()))
    expect((await headOf()).number).toBe(40)
    expect(await broken()).toEqual([])
  })

  test('has no gap where a transaction did not come to its end', async () => {
    await write()
    const cutOff = databases
      .forAccount(chain)
      .transaction()
      .execute(async (db) => {
        await auditEvents.insertEvent(db, event())
        throw new Error('cut off')
      })
    await expect(cutOff).rejects.toThrow('cut off')
    await write()
    expect((await headOf()).number).toBe(2)
    expect(await broken()).toEqual([])
  })

  test('takes its numbers and times from the database, whatever the writer says', async () => {
    await sql`
      insert into audit_events (account_id, number, id, at, action, outcome, actor_type, targets, context, version, hash)
      values (${chain}, 77, 'aud_x', '2001-01-01', 'a', 'success', 'user', '[]', '{}', 1, 'made up')`.execute(databases.forAccount(chain))
    const [row] = await auditEvents.listEvents(databases.system, chain, {}, 1)
    expect(row).toMatchObject({ number: 1 })
    expect(Date.parse(row!.at)).toBeGreaterThan(Date.parse('2026-01-01'))
    expect(await broken()).toEqual([])
  })

  test.each([
    ['update audit_events set action = action', 'an update'],
    ['delete from audit_events', 'a deletion'],
    ['truncate audit_events', 'emptying the table'],
  ])('refuses %s to everybody', async (statement) => {
    await write()
    await expect(sql.raw(statement).execute(databases.system)).rejects.toThrow('only added to')
    await expect(sql.raw(statement).execute(databases.forAccount(chain))).rejects.toThrow(/permission denied/)
  })

  test('is out of reach for another account, and its head for every account', async () => {
    await write()
    const other = databases.forAccount('usr_other')
    expect(await auditEvents.listEvents(other, chain, {}, 10)).toEqual([])
    await expect(auditEvents.insertEvent(other, event())).rejects.toThrow(/row-level security/)
    await expect(sql`select * from audit_heads`.execute(databases.forAccount(chain))).rejects.toThrow(/permission denied/)
  })
})

describe('the check', () => {
  test('names a changed event', async () => {
    await writeMany(4)
    await tamper(sql`update audit_events set actor_name = 'somebody else' where account_id = ${chain} and number = 2`)
    expect(await broken()).toEqual([{ chain, number: 2, problem: 'was changed, or the one before it was' }])
  })

  test('names the number of a missing event', async () => {
    await writeMany(4)
    await tamper(sql`delete from audit_events where account_id = ${chain} and number = 3`)
    expect(await broken()).toEqual([{ chain, number: 3, problem: 'is missing' }])
  })

  test('sees that the end was cut off, with a head that was kept even when the head was set back', async () => {
    await writeMany(4)
    const { number, hash } = await headOf()
    await tamper(sql`delete from audit_events where account_id = ${chain} and number = 4`)
    expect(await broken()).toEqual([{ chain, number: 4, problem: 'is missing' }])
    await sql`
      update audit_heads set number = 3, hash = (select hash from audit_events where account_id = ${chain} and number = 3)
      where chain = ${chain}`.execute(databases.system)
    expect(await broken()).toEqual([])
    expect(await broken([{ chain, number, hash }])).toEqual([{ chain, number: 4, problem: 'is gone, and the chain ends before it' }])
    await write()
    expect(await broken([{ chain, number, hash }])).toEqual([{ chain, number: 4, problem: 'is another one than the head that was kept' }])
  })

  test('reads kept heads from lines of the log', () => {
    const lines = [`{"level":30,"msg":"call"}`, `{"chain":"usr_1","number":7,"hash":"sha256:abc","msg":"head of an audit log"}`, '']
    expect(readToldHeads(lines.join('\n'))).toEqual([{ chain: 'usr_1', number: 7, hash: 'abc' }])
  })
})

describe('old events', () => {
  const cut = (days: number, most: number, limit = 500) =>
    databases.system.transaction().execute((db) => auditEvents.removeBeginning(db, chain, days, most, limit))

  test('go from the beginning of the chain, which still fits', async () => {
    await writeMany(6)
    const kept = await headOf()
    await tamper(sql`update audit_events set at = at - interval '500 days' where account_id = ${chain} and number <= 3`)
    expect(await auditEvents.listChainsToCut(databases.system, 400, 1000, 10, '')).toContain(chain)
    expect(await cut(400, 1000, 2)).toBe(2)
    expect(await cut(400, 1000, 2)).toBe(1)
    expect(await cut(400, 1000, 2)).toBe(0)
    expect(await auditEvents.listChainsToCut(databases.system, 400, 1000, 10, '')).not.toContain(chain)
    await write()
    const rows = await auditEvents.listEvents(databases.system, chain, {}, 10)
    expect(rows.map(({ number }) => number)).toEqual([7, 6, 5, 4])
    expect(await broken([kept])).toEqual([])
    expect(await auditEvents.countEvents(databases.system, chain, { targetId: 'key_1' })).toBe(4)
  })

  test('go when there are too many of them', async () => {
    await writeMany(6)
    expect(await cut(400, 4)).toBe(2)
    expect((await headOf()).removedNumber).toBe(2)
    expect(await broken()).toEqual([])
  })

  test('leave the chain closed to any other deletion', async () => {
    await writeMany(2)
    await databases.system
      .transaction()
      .execute(async (db) => {
        await auditEvents.removeBeginning(db, chain, 400, 1, 500)
        await expect(sql`delete from audit_events`.execute(db)).rejects.toThrow('only added to')
      })
      .catch(() => undefined)
    expect(await auditEvents.countEvents(databases.system, chain, {})).toBe(2)
  })
})

test('events are found by who, what, to what and when', async () => {
  await write({
    action: 'agents.delete',
    targets: [
      { type: 'agent', id: 'atlas' },
      { type: 'file', id: 'fil_1' },
    ],
  })
  await write({ actor: { type: 'key', id: 'key_9', name: 'robot' }, outcome: 'denied', code: 'SCOPE_REQUIRED' })
  await write()
  const db = databases.forAccount(chain)
  const find = async (filter: Parameters<typeof auditEvents.listEvents>[2]) =>
    (await auditEvents.listEvents(db, chain, filter, 10)).map(({ number }) => number)
  expect(await find({ action: 'agents.delete' })).toEqual([1])
  expect(await find({ actorId: 'key_9' })).toEqual([2])
  expect(await find({ outcome: 'denied' })).toEqual([2])
  expect(await find({ targetId: 'fil_1' })).toEqual([1])
  expect(await find({ targetId: 'key_1' })).toEqual([3, 2])
  const [, second] = await auditEvents.listEvents(db, chain, {}, 10)
  expect(await find({ from: second!.at })).toEqual([3, 2])
  expect(await find({ to: second!.at })).toEqual([1])
})
