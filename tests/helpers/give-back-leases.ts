import { expect, vi } from 'vitest'
import { budgetGateOf } from '../../server/money/budgets/index.ts'
import type { TestServer } from './test-server.ts'

/** What this server holds of the budgets of an account it would give back by itself after a while, when rows are compared already. */
export async function giveBackLeases({ platform }: TestServer, accountId: string): Promise<void> {
  const gate = budgetGateOf(platform)
  const areBack = async () => {
    const held = await platform.databases.system
      .selectFrom('budgetPeriods')
      .where('accountId', '=', accountId)
      .where('held', '>', 0)
      .select('budgetId')
      .execute()
    for (const { budgetId } of held) gate.giveBack(budgetId)
    await gate.tell()
    expect(held, 'budgets of which something is held').toEqual([])
  }
  await vi.waitFor(areBack, { timeout: 10_000 })
}
