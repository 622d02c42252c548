import { z } from 'zod'
import { PlanName } from '#server/money/billing/billing.contract.ts'
import * as checkoutContract from '#server/money/checkout/checkout.contract.ts'
import { checkout } from '#server/money/checkout/checkout.operations.ts'
import { bind, type ActionBindings } from '#server/platform/operations/index.ts'
import * as contract from './billing-info.contract.ts'
import { billingInfo } from './billing-info.operations.ts'

const tag = 'billing'

const { pack, amount } = checkoutContract.BuyCredits.shape

const Body = z.union([
  z.object({ action: z.literal('create-checkout'), plan: PlanName }),
  z.object({ action: z.literal('enable-byok'), ...contract.EnableByok.shape }),
  z.object({ action: z.literal('disable-byok') }),
  z.object({ action: z.literal('get-usage') }),
  z.object({ action: z.literal('buy-credits'), pack, amount }),
])

/** `POST /api/billing`: what one can do about billing, by `action`. */
const actOnBilling: ActionBindings = {
  from: 'body',
  fallback: '',
  document: {
    id: 'actOnBilling',
    tag,
    summary: 'Start a checkout, set your own key, see usage, buy credits',
    body: Body,
    output: z.union([checkoutContract.CreditsOrdered, checkoutContract.CheckoutPage, contract.ByokChanged, contract.DailyUnitsNow]),
    errors: [409, 503],
  },
  actions: {
    'create-checkout': bind({ id: 'createBillingCheckout', tag, operation: checkout.buyPlan }),
    'enable-byok': bind({ id: 'enableByok', tag, operation: billingInfo.enableByok }),
    'disable-byok': bind({ id: 'disableByok', tag, operation: billingInfo.disableByok }),
    'get-usage': bind({ id: 'getBillingUsage', tag, operation: billingInfo.usage }),
    'buy-credits': bind({ id: 'buyCredits', tag, operation: checkout.buyCredits }),
  },
}

export const billingInfoRest = {
  info: bind({ id: 'getBilling', tag, operation: billingInfo.info }),
  act: actOnBilling,
}
