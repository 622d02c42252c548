import { releaseHold, reserveCredits, settleHold } from '#server/money/billing/index.ts'
import { budgetGateOf, budgetsOf, NOTHING } from '#server/money/budgets/index.ts'
import { accountOf, AppError, type AccountContext } from '#server/platform/core/index.ts'
import { nanoUsdOfMicroUsd, type MicroUsd } from '#server/platform/money/index.ts'
import { flushUsage, limitedKeyOf } from './metering.service.ts'

/**
 * Sets credits of the account aside, of which its budgets in dollars have to have as much left.
 *
 * @returns how to end it: `settle` takes all of it, `release` gives it back.
 * @throws InsufficientCredits; SpendLimitReached, BudgetReached
 */
export async function reserveWithinLimit(ctx: AccountContext, amountMicroUsd: MicroUsd, reason: string): Promise<HeldCredits> {
  const { platform, actor } = ctx
  const budgets = (await budgetsOf(ctx)).filter(({ unit }) => unit === 'nano_usd')
  const amounts = { ...NOTHING, nanoUsd: nanoUsdOfMicroUsd(amountMicroUsd) }
  const gate = budgetGateOf(platform)
  if (!gate.isAtHand(budgets)) await flushUsage(platform)
  const reservation = await gate.reserve(budgets, { least: amounts, most: amounts })
  try {
    const holdId = await reserveCredits(platform, accountOf(ctx), amountMicroUsd, reason, limitedKeyOf({ actor }))
    return {
      async settle() {
        try {
          await settleHold(platform, holdId, amountMicroUsd)
        } catch (error) {
          // A hold that has ended otherwise takes nothing. When the database did not answer, it may have been taken.
          reservation.settle(error instanceof AppError ? NOTHING : amounts)
          throw error
        }
        reservation.settle(amounts)
      },
      async release() {
        try {
          await releaseHold(platform, holdId)
        } finally {
          reservation.settle(NOTHING)
        }
      },
    }
  } catch (error) {
    reservation.settle(NOTHING)
    throw error
  }
}

/** Credits that are set aside for a call. */
interface HeldCredits {
  settle(): Promise<void>
  release(): Promise<void>
}
