import { expect, test } from 'vitest'
import type { Databases } from '../../../db/client.ts'
import { startTestServer } from '../../helpers/test-server.ts'

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()

const accountId = 'usr_keeper'
const PAID = 10_000

/** What is over by the settings of the server, and beside it the same from today. */
async function fill({ system }: Databases): Promise<void> {
  await system.insertInto('accounts').values({ id: accountId, name: 'Ada', referralCode: 'ADA' }).execute()
  await system
    .insertInto('agents')
    .values({ id: 'clerk', accountId, name: 'Clerk', model: 'local/commands', plan: 'solo', aiProvider: 'local' })
    .execute()
  for (const [id, createdAt] of [
    ['old', daysAgo(63)],
    ['new', daysAgo(0)],
  ] as const) {
    await system
      .insertInto('messages')
      .values({ id: `msg_${id}`, accountId, agentId: 'clerk', sender: 'user', content: 'x', platform: 'api', createdAt })
      .execute()
    await system
      .insertInto('jobs')
      .values({
        id: `job_${id}`,
        accountId,
        type: 'nothing',
        status: 'completed',
        maxAttempts: 1,
        runAt: createdAt,
        completedAt: createdAt,
      })
      .execute()
    await system
      .insertInto('usageEvents')
      .values({ id: `use_${id}`, accountId, provider: 'local', model: 'local/commands', outcome: 'ok', latencyMs: 1, createdAt })
      .execute()
    await system
      .insertInto('chainPayments')
      .values({
        id: `pay_${id}`,
        accountId,
        challengeId: id,
        txHash: `0x${(id === 'old' ? '1' : '2').repeat(64)}`,
        payer: `0x${'a'.repeat(40)}`,
        plugin: 'agent',
        amountMicroUsd: PAID,
        chainId: 4217,
        state: 'confirmed',
        confirmedAt: createdAt,
      })
      .execute()
  }
}

test('a server clears away what is over, and gives back what was paid for nothing, without being asked', async () => {
  const server = await startTestServer({ MESSAGE_RETENTION_DAYS: '30', RUN_RETENTION_DAYS: '30', USAGE_RETENTION_DAYS: '62' }, fill)
  const { system } = server.platform.databases
  const left = async () => {
    const [messages, jobs, calls] = await Promise.all([
      system.selectFrom('messages').select('id').execute(),
      system.selectFrom('jobs').select('id').execute(),
      system.selectFrom('usageEvents').select('id').execute(),
    ])
    return [...messages, ...jobs, ...calls].map(({ id }) => id)
  }
  await expect.poll(left, { timeout: 10_000 }).toEqual(['msg_new', 'job_new', 'use_new'])
  const balance = system.selectFrom('ledgerBooks').where('id', '=', `credits:${accountId}`).select('balance')
  expect(await balance.execute()).toEqual([{ balance: PAID }])
  await server.close()
})
