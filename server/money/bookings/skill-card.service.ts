import type { Context, Env } from '#server/platform/core/index.ts'
import { hasChain, networkOf } from '../settlements/index.ts'
import type { SkillCard } from '../settlements/settlements.contract.ts'

/** What this server can do for bookings, as it is set up. */
export const describeBookings = async ({ platform: { env } }: Context): Promise<SkillCard> => ({
  skill: 'booking-settlement',
  name: 'Booking Settlement',
  description: 'Holds deposits and pays out bookings',
  category: 'payments',
  triggers: ['booking_confirmation', 'gig_completion', 'manual_release'],
  features: featuresOf(env),
  pricing: pricingOf(env),
  integrations: ['manual entry'],
  security: hasChain(env)
    ? { network: networkOf(env), custody: 'Escrow until release: this server holds the key' }
    : { network: 'none', custody: 'None: nothing is held and nothing moves' },
})

const featuresOf = (env: Env): string[] =>
  hasChain(env)
    ? ['Deposits in escrow', 'Splits between several people', 'Refunds of what is too much or too late']
    : ['Simulated settlements', 'Splits between several people']

const pricingOf = ({ SETTLEMENT_FEE_ADDRESS }: Env): Record<string, string> =>
  SETTLEMENT_FEE_ADDRESS === undefined
    ? { transactionFee: 'none', escrowFee: 'none' }
    : { transactionFee: '0.5%', escrowFee: '1% of the guarantee' }
