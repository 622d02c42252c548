import { getEntitlements } from '#server/money/billing/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { reserveWithinLimit } from '#server/models/metering/index.ts'
import type { Payment, Price } from '#server/money/payments/index.ts'

const nothingToShow = { reference: null, headers: {} }

/** An active plan has paid already; so has everybody on a server that asks for no money. */
const planPayment: Payment = {
  method: 'stripe',
  secure: async () => nothingToShow,
  capture: async () => nothingToShow,
  release: async () => undefined,
}

/**
 * Lets the caller's plan pay, or else its credits, which are set aside until the call has ended.
 *
 * @throws InsufficientCredits when there is neither an active plan nor enough credit; SpendLimitReached, BudgetReached.
 */
export async function authorizeStripe(
  ctx: AccountContext,
  { plugin, amountMicroUsd }: Price,
): Promise<{ payment: Payment; isInPlan: boolean }> {
  if (getEntitlements(ctx).isActive) return { payment: planPayment, isInPlan: true }
  const held = await reserveWithinLimit(ctx, amountMicroUsd, `gateway: ${plugin}`)
  const payment: Payment = {
    method: 'stripe',
    secure: async () => nothingToShow,
    async capture() {
      await held.settle()
      return nothingToShow
    },
    async release() {
      await held.release()
      return undefined
    },
  }
  return { payment, isInPlan: false }
}
