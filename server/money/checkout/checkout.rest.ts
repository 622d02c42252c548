import { bind } from '#server/platform/operations/index.ts'
import type { AppError } from '#server/platform/core/index.ts'
import { checkout } from './checkout.operations.ts'

/** What pages say of an error that a link to a checkout has met, by its code. */
const words: Readonly<Record<string, string>> = {
  INVALID_PLAN: 'invalid_plan',
  INVALID_PRICE: 'invalid_price',
  STRIPE_NOT_CONFIGURED: 'stripe_not_configured',
  NO_CHECKOUT_URL: 'no_checkout_url',
  STRIPE_FAILED: 'checkout_failed',
}

/** The word for an error at the end of the address of a page. */
function wordFor({ code, kind }: AppError): string {
  if (kind === 'unauthenticated') return 'unauthorized'
  return words[code] ?? (kind === 'forbidden' ? 'forbidden' : 'checkout_failed')
}

export const checkoutRest = {
  visit: bind({
    id: 'redirectToCheckout',
    tag: 'billing',
    operation: checkout.visit,
    isHarmlessByGet: true,
    redirect: {
      to: ({ url }) => url,
      onError: (error, { query }) =>
        // Who has a plan changes it there.
        error.code === 'PLAN_RUNNING'
          ? `/billing?${new URLSearchParams({ change: (query.plan ?? '').toLowerCase() })}`
          : `/pricing?error=${error.code === 'INVALID_INPUT' ? 'invalid_plan' : wordFor(error)}`,
    },
  }),
  visitCredits: bind({
    id: 'redirectToCredits',
    tag: 'billing',
    operation: checkout.visitCredits,
    isHarmlessByGet: true,
    redirect: {
      to: ({ url }) => url,
      onError: (error) => `/billing?error=${error.code === 'INVALID_INPUT' ? 'invalid_price' : wordFor(error)}`,
    },
  }),
  buyStorage: bind({ id: 'upgradeStorage', tag: 'billing', operation: checkout.buyStorage }),
  verify: bind({ id: 'verifyCheckout', tag: 'billing', operation: checkout.verify, isHarmlessByGet: true, errors: [402, 503] }),
}
