import type { Context } from '#server/platform/core/index.ts'
import { hasChain, networkOf } from '../settlements/index.ts'
import type { SkillCard } from '../settlements/settlements.contract.ts'

/** What this server can do for royalties, as it is set up. */
export const describeSplits = async ({ platform: { env } }: Context): Promise<SkillCard> => ({
  skill: 'instant-split',
  name: 'Instant Split',
  description: 'Shares out royalties by rule',
  category: 'payments',
  triggers: ['streaming', 'sync', 'booking', 'manual'],
  features: ['Rules per release', 'Payout above a threshold', ...(hasChain(env) ? [] : ['Simulated payouts'])],
  pricing: {
    transactionFee: env.SETTLEMENT_FEE_ADDRESS === undefined ? 'none' : '0.5%, none from the label plan up',
    minimumThreshold: '$50 unless set',
  },
  security: hasChain(env)
    ? { network: networkOf(env), custody: 'Wallet of the workspace: this server holds the key' }
    : { network: 'none', custody: 'None: nothing is held and nothing moves' },
})
