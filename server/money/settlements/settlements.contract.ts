import { z } from 'zod'
import { evmAddress } from '#server/platform/core/common.contract.ts'
import { isPercentNumber } from '#server/platform/money/percent.contract.ts'
import { isUsdcNumber } from '#server/platform/money/token-units.contract.ts'

/** Most of one amount: far more than anybody is paid, and far less than what a number holds exactly. */
const MAX_USDC = 1_000_000_000

/** An amount of USDC as a number, with at most six places. */
export const usdcNumber = z.number().min(0).max(MAX_USDC).refine(isUsdcNumber, 'expected USDC with at most six decimals')

/** A share of the whole, in percent with at most two places. */
export const percentNumber = z.number().gt(0).max(100).refine(isPercentNumber, 'expected a percentage with at most two decimals')

export const txHash = z.string().regex(/^0x[0-9a-fA-F]{64}$/)

export const SettlementStatus = z.enum(['completed', 'pending', 'simulated', 'failed', 'skipped']).meta({
  id: 'SettlementStatus',
  description: 'What became of a payout. Only one that is completed has a transaction.',
  'x-enumDescriptions': {
    completed: 'The transaction was sent, and is in the chain.',
    pending: 'Accepted, and not in the chain yet.',
    simulated: 'This server has no way to send money, so nothing moved.',
    failed: 'It was tried, and nothing was paid.',
    skipped: 'Left out, since it is too small.',
  },
})
export type SettlementStatus = z.infer<typeof SettlementStatus>

export const DescribeSkill = z.object({})

export const SkillCard = z
  .object({
    skill: z.string().describe('Its name in paths.'),
    name: z.string().describe('Its name for people.'),
    description: z.string().describe('What it does.'),
    category: z.string().describe('What kind of skill it is.'),
    triggers: z.array(z.string()).max(10).describe('What it is used for.'),
    features: z.array(z.string()).max(10).describe('What it can do on this server.'),
    pricing: z.record(z.string(), z.string()).describe('What it costs, by what is charged for.'),
    integrations: z.array(z.string()).max(10).optional().describe('Where its data comes from.'),
    security: z
      .object({
        network: z.string().describe('The chain money moves on; `none` where this server has none.'),
        custody: z.string().describe('Who has the keys of the money meanwhile.'),
      })
      .meta({ id: 'SkillCustody', description: 'Where the money of a settlement skill is.' }),
  })
  .meta({ id: 'SkillCard', description: 'What a settlement skill can do on this server.' })
export type SkillCard = z.infer<typeof SkillCard>

/** Fields every payout has, whatever it is of. */
export const payoutFields = {
  recipient: z.string().describe('Who is paid.'),
  address: evmAddress.optional().describe('The address that is paid.'),
  status: SettlementStatus,
  txHash: txHash.optional().describe('The transaction; only with status `completed`.'),
  explorerUrl: z.url().optional().describe('Where people look at the transaction.'),
  error: z.string().optional().describe('Why nothing was paid, or what it waits for.'),
}
