import { afterAll, beforeAll, expect, test } from 'vitest'
import { plans } from '../../server/money/billing/plans.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer

beforeAll(async () => void (server = await startAttackedServer({ SELF_HOSTED_PLAN: 'solo' })))
afterAll(() => server.close())

const VALUE = 'x'.repeat(99_000)
const CALLS = 48
const AT_ONCE = 4

test('memory takes what the plan has room for, and all of it can be read afterwards', async () => {
  const { key } = await server.createAccount()
  const provisioned = await server.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })
  const { id: agentId } = (provisioned.body as { agent: { id: string } }).agent

  await server.underWatch({ maxGrowthMb: 400 }, async () => {
    const statuses: number[] = []
    const store = async (call: number) => {
      const memory = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`value ${call} ${index}`, VALUE]))
      statuses.push((await server.call('POST', '/api/memory', { key, body: { agentId, memory } })).status)
    }
    for (let call = 0; call < CALLS; call += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => store(call + index)))
    const room = Math.floor((plans.solo.memoryMb * 1024 ** 2) / (9 * VALUE.length))
    expect(statuses.filter((status) => status === 200)).toHaveLength(room)
    expect(statuses.filter((status) => status === 413)).toHaveLength(CALLS - room)

    let count = 0
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await server.call('GET', `/api/memory?agentId=${agentId}&cursor=${encodeURIComponent(cursor)}`, { key })
      expect(status).toBe(200)
      const page = body as { count: number; nextCursor: string | null }
      count += page.count
      cursor = page.nextCursor
    }
    expect(count).toBe(room * 9)
  })
})
