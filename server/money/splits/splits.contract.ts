import { z } from 'zod'
import { evmAddress, timestamp } from '#server/platform/core/common.contract.ts'
import { nameText } from '#server/platform/core/texts.contract.ts'
import { isUsdcNumber } from '#server/platform/money/token-units.contract.ts'
import { payoutFields, percentNumber, usdcNumber } from '../settlements/settlements.contract.ts'
import { SplitApproval } from './approval.contract.ts'

/** Most splits or rules in one answer. */
export const MAX_LISTED = 100
/** Most people a split is shared among. */
const MAX_SHARES = 20
/** USDC below which a share is skipped, unless its rule says another amount. */
const USUAL_THRESHOLD = 50

const success = z.literal(true).describe('Always true: a failure is an error instead.')
const MicroUsdc = z.string().regex(/^\d+$/).describe('Millionths of a USDC.')
const Usdc = z.string().regex(/^\d+(\.\d+)?$/)
const currency = z.literal('USDC').describe('Always USDC.')

const SplitTrigger = z.enum(['streaming', 'sync', 'booking', 'manual']).meta({
  id: 'SplitTrigger',
  description: 'Where the money of a split comes from.',
  'x-enumDescriptions': {
    streaming: 'Plays of a recording.',
    sync: 'Use in a film or the like.',
    booking: 'A performance.',
    manual: 'Something else.',
  },
})

const SplitRole = z.enum(['artist', 'producer', 'label', 'writer', 'engineer']).meta({
  id: 'SplitRole',
  description: 'What somebody did who has a share of a release.',
  'x-enumDescriptions': {
    artist: 'Made it.',
    producer: 'Produced it.',
    label: 'Published it.',
    writer: 'Wrote it.',
    engineer: 'Recorded or mixed it.',
  },
})

export const RoyaltySplitRule = z
  .object({
    id: z.string().describe('Its id.'),
    recipientAddress: evmAddress.describe('Where the share is paid to, on Base.'),
    percentage: percentNumber.describe('Percent of the amount, with at most two decimals.'),
    role: SplitRole,
    name: z.string().describe('Who it is.'),
    minimumThreshold: z.number().min(0).describe('USDC; a smaller share is skipped.'),
  })
  .meta({ id: 'RoyaltySplitRule', description: 'The share somebody has of a release.' })
export type RoyaltySplitRule = z.infer<typeof RoyaltySplitRule>

export const RoyaltySplit = z
  .object({
    id: z.string().describe('Its id.'),
    amount: MicroUsdc,
    currency,
    trigger: SplitTrigger,
    release: z.string().describe('What it is royalties of.'),
    splits: z.array(RoyaltySplitRule).max(MAX_SHARES).describe('Who gets how much.'),
    fee: MicroUsdc.describe('Millionths of a USDC this server takes out of the amount before it is shared; 0 for none.'),
    status: z.enum(['pending', 'processing', 'completed', 'failed']).meta({
      id: 'RoyaltySplitStatus',
      description: 'How far a split is.',
      'x-enumDescriptions': {
        pending: 'Nothing is ordered yet.',
        processing: 'The payouts are on their way.',
        completed: 'Every payout is in the chain.',
        failed: 'It is over, and at least one payout failed.',
      },
    }),
    approval: SplitApproval.nullable().describe('Whether an owner was asked; null where nobody had to be.'),
    createdAt: timestamp.describe('When it was made.'),
    completedAt: timestamp.nullable().describe('When it was over; null before that.'),
  })
  .meta({ id: 'RoyaltySplit', description: 'Royalties that are shared out.' })
export type RoyaltySplit = z.infer<typeof RoyaltySplit>

export const ListSplits = z.object({
  pendingOnly: z.boolean().default(false).describe('Whether to leave out those that were shared out, or are being.'),
})
export type ListSplits = z.output<typeof ListSplits>
export const SplitList = z.array(RoyaltySplit).max(MAX_LISTED)

export const ListRules = z.object({})
export const RuleList = z.array(RoyaltySplitRule).max(MAX_LISTED)

export const CreateSplit = z.object({
  amount: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'expected millionths of a USDC: a whole number above 0 of at most 15 digits')
    .describe('Millionths of a USDC.'),
  release: nameText(100).describe('What it is royalties of, 1 to 100 characters.'),
  trigger: SplitTrigger.default('manual'),
  ruleIds: z
    .array(z.string().min(1))
    .min(1)
    .max(MAX_SHARES)
    .refine((ids) => new Set(ids).size === ids.length, 'expected each rule once')
    .describe('Ids of the rules that say who gets how much; together at most 100 percent. What is left stays in the wallet.'),
})
export type CreateSplit = z.output<typeof CreateSplit>

export const CreateRule = z.object({
  splits: z
    .object({
      recipientAddress: evmAddress.describe('Where the share is paid to, on Base.'),
      percentage: percentNumber.describe('Percent of the amount, with at most two decimals.'),
      role: SplitRole.default('artist'),
      name: nameText(100).describe('Who it is.'),
    })
    .meta({ id: 'NewRoyaltySplitRule', description: 'The share somebody is to have.' }),
  threshold: usdcNumber.default(USUAL_THRESHOLD).describe('USDC; a smaller share is skipped.'),
})
export type CreateRule = z.output<typeof CreateRule>

export const RuleCreated = z
  .object({ success, rule: RoyaltySplitRule, message: z.string().describe('What happened, for people.') })
  .meta({ id: 'RoyaltySplitRuleCreated', description: 'A rule that was stored.' })
export type RuleCreated = z.infer<typeof RuleCreated>

export const SplitRef = z.object({ splitId: z.string().min(1).describe('Id of the split.') })
export type SplitRef = z.infer<typeof SplitRef>

export const SplitPayout = z
  .object({ ...payoutFields, amount: MicroUsdc.optional(), reason: z.string().optional().describe('Why it was skipped.') })
  .meta({ id: 'SplitPayout', description: 'One payout of a split. A hash is there only with status `completed`.' })
export type SplitPayout = z.infer<typeof SplitPayout>

const count = z.int().min(0)

export const SplitExecution = z
  .object({
    success,
    splitId: z.string().describe('Id of the split.'),
    executedAt: timestamp.nullable().describe('When the payouts were ordered; null when they were only simulated, or wait for an owner.'),
    approval: SplitApproval.nullable().describe('Whether an owner was asked; null where nobody had to be.'),
    results: z
      .array(SplitPayout)
      .max(MAX_SHARES + 1)
      .describe('What became of each payout.'),
    summary: z
      .object({
        total: z.string().describe('What is shared out, for people.'),
        successful: count.describe('Payouts in the chain.'),
        failed: count.describe('Payouts that failed.'),
        skipped: count.describe('Shares that were too small.'),
        pending: count.describe('Payouts on their way.'),
        simulated: count.describe('Payouts that were only calculated.'),
      })
      .meta({ id: 'SplitSummary', description: 'How many payouts of a split became what.' }),
  })
  .meta({ id: 'SplitExecution', description: 'The payouts of a split.' })
export type SplitExecution = z.infer<typeof SplitExecution>

export const GetSplitBalance = z.object({})

export const SplitBalance = z
  .object({
    success,
    balance: Usdc.nullable().describe('USDC in the wallet of the workspace; null without a wallet or a chain.'),
    currency,
    pending: Usdc.describe('USDC of splits that wait to be shared out.'),
    network: z.string().describe('The chain.'),
  })
  .meta({ id: 'SplitBalance', description: 'What there is to share out.' })
export type SplitBalance = z.infer<typeof SplitBalance>

const counted = z.number().min(0).max(1_000_000_000_000).refine(isUsdcNumber, 'expected a number with at most six decimals')

export const SimulateSplit = z.object({
  streams: counted.default(100_000).describe('How often it is played.'),
  rate: usdcNumber.default(0.003).describe('USDC for each time.'),
})
export type SimulateSplit = z.output<typeof SimulateSplit>

export const SplitSimulation = z
  .object({
    success,
    input: z
      .object({ streams: z.number().describe('How often it is played.'), rate: z.number().describe('USDC for each time.') })
      .meta({ id: 'SplitEstimate', description: 'What was calculated with.' }),
    estimatedEarnings: Usdc.describe('USDC.'),
    currency,
    splits: z
      .array(
        z
          .object({ role: z.string().describe('Who.'), percentage: z.number().describe('Percent.'), amount: z.number().describe('USDC.') })
          .meta({ id: 'SimulatedRoyalty', description: 'What one would get.' }),
      )
      .max(MAX_SHARES)
      .describe('The usual shares.'),
    note: z.string().describe('What to keep in mind, for people.'),
  })
  .meta({ id: 'SplitSimulation', description: 'A calculation: nothing is stored and nothing is paid.' })
export type SplitSimulation = z.infer<typeof SplitSimulation>
