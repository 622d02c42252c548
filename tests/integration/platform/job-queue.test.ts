import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Databases } from '../../../db/client.ts'
import { claimJobs } from '../../../server/platform/jobs/queue.queries.ts'
import { openTestDatabase } from '../../helpers/test-database.ts'

let databases: Databases
beforeAll(async () => void ({ databases } = await openTestDatabase()))
afterAll(() => databases.close())
beforeEach(async () => {
  await databases.system.deleteFrom('accounts').execute()
  for (const id of ['usr_many', 'usr_few', 'usr_late'])
    await databases.system.insertInto('accounts').values({ id, name: id, referralCode: id.toUpperCase() }).execute()
})

const NOW = '2026-11-26T12:00:00.000Z'
const CAPACITY = 20

/** Queues jobs of an account, each for an agent of its own unless `agentId` is given. @returns their ids. */
async function queue(accountId: string, count: number, more: { agentId?: string; exclusiveKey?: string } = {}): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, index) => String(index).padStart(3, '0'))
  const agentIds = more.agentId ? [more.agentId] : numbers.map((number) => `agent_${accountId}_${number}`)
  await databases.system
    .insertInto('agents')
    .values(agentIds.map((id) => ({ id, accountId, name: id, model: 'local/commands', plan: 'network', aiProvider: 'local' })))
    .execute()
  const rows = numbers.map((number, index) => ({
    id: `job_${accountId}_${number}`,
    accountId,
    agentId: agentIds[index] ?? agentIds[0]!,
    type: 'known',
    maxAttempts: 1,
    runAt: NOW,
    exclusiveKey: more.exclusiveKey ?? null,
  }))
  await databases.system.insertInto('jobs').values(rows).execute()
  return rows.map(({ id }) => id)
}

const claim = async (owner = 'server one', capacity = CAPACITY): Promise<string[]> => {
  const claimed = await claimJobs(databases.system, { owner, types: ['known'], now: NOW, leaseExpiresAt: NOW, capacity })
  return claimed.map(({ id }) => id).toSorted()
}

const end = (jobId: string) =>
  databases.system
    .updateTable('jobs')
    .set({ status: 'completed', leaseOwner: null, leaseExpiresAt: null, completedAt: NOW })
    .where('id', '=', jobId)
    .execute()

test('an agent works on one job at a time, in the order they came', async () => {
  const [first, second] = await queue('usr_many', 3, { agentId: 'clerk' })
  expect(await claim()).toEqual([first])
  expect(await claim()).toEqual([])
  expect(await claim('server two')).toEqual([])
  await end(first!)
  expect(await claim('server two')).toEqual([second])
})

test('jobs with one exclusive key run one at a time, whichever agents they are for', async () => {
  const [first, second] = await queue('usr_many', 2, { exclusiveKey: 'one' })
  expect(await claim()).toEqual([first])
  expect(await claim()).toEqual([])
  await end(first!)
  expect(await claim()).toEqual([second])
})

test('an account with many jobs leaves places for those who come later', async () => {
  await queue('usr_many', 300)
  expect(await claim()).toHaveLength(CAPACITY / 2)
  expect(await claim()).toEqual([])
  const few = await queue('usr_few', 3)
  expect(await claim()).toEqual(few)
  const late = await queue('usr_late', 1)
  expect(await claim()).toEqual(late)
})

test('accounts take turns when there are fewer places than jobs', async () => {
  await queue('usr_many', 300)
  await queue('usr_few', 3)
  const claimed = await claim('server one', 8)
  expect(claimed.filter((id) => id.startsWith('job_usr_few'))).toHaveLength(3)
  expect(claimed.filter((id) => id.startsWith('job_usr_many'))).toHaveLength(3)
})

test('each server has places of its own, and none takes what another has', async () => {
  await queue('usr_many', 30)
  const [one, two] = [await claim('server one'), await claim('server two')]
  expect(one).toHaveLength(CAPACITY / 2)
  expect(two).toHaveLength(CAPACITY / 2)
  expect(new Set([...one, ...two]).size).toBe(CAPACITY)
})
