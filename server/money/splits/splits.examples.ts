import { exampleIds } from '#server/platform/operations/index.ts'

const address = '0x52908400098527886E0F7030069857D2E4169EE7'

const rule = {
  id: exampleIds.splitRule,
  recipientAddress: address,
  percentage: 100,
  role: 'artist',
  name: 'Ines Vale',
  minimumThreshold: 50,
} as const

const split = {
  id: exampleIds.split,
  amount: '75000000',
  currency: 'USDC',
  trigger: 'streaming',
  release: 'Slack Water',
  splits: [rule],
  fee: '0',
  status: 'pending',
  approval: null,
  createdAt: '2026-05-08T10:00:00.000Z',
  completedAt: null,
} as const

const asked = 'A payment may be 50.00 USDC at most.'
const ref = { splitId: exampleIds.split } as const

export const examples = {
  list: { input: { pendingOnly: true }, output: [split] },
  rules: { input: {}, output: [rule] },
  create: { input: { amount: '75000000', release: 'Slack Water', trigger: 'streaming', ruleIds: [exampleIds.splitRule] }, output: split },
  createRule: {
    input: { splits: { recipientAddress: address, percentage: 100, name: 'Ines Vale' }, threshold: 50 },
    output: { success: true, rule, message: 'Rule saved' },
  },
  execute: {
    input: ref,
    output: {
      success: true,
      splitId: exampleIds.split,
      executedAt: null,
      approval: null,
      results: [{ recipient: 'Ines Vale', address, amount: '75000000', status: 'simulated' }],
      summary: { total: '75 USDC', successful: 0, failed: 0, skipped: 0, pending: 0, simulated: 1 },
    },
  },
  execution: {
    input: ref,
    output: {
      success: true,
      splitId: exampleIds.split,
      executedAt: null,
      approval: null,
      results: [],
      summary: { total: '75 USDC', successful: 0, failed: 0, skipped: 0, pending: 0, simulated: 0 },
    },
  },
  approve: {
    input: ref,
    output: {
      success: true,
      splitId: exampleIds.split,
      executedAt: '2026-05-08T12:00:00.000Z',
      approval: { state: 'approved', reason: asked, agentId: exampleIds.agent, approvableUntil: null },
      results: [{ recipient: 'Ines Vale', address, amount: '75000000', status: 'pending' }],
      summary: { total: '75 USDC', successful: 0, failed: 0, skipped: 0, pending: 1, simulated: 0 },
    },
  },
  decline: {
    input: ref,
    output: {
      success: true,
      splitId: exampleIds.split,
      executedAt: null,
      approval: { state: 'declined', reason: 'An owner declined it.', agentId: exampleIds.agent, approvableUntil: null },
      results: [],
      summary: { total: '75 USDC', successful: 0, failed: 0, skipped: 0, pending: 0, simulated: 0 },
    },
  },
  balance: { input: {}, output: { success: true, balance: null, currency: 'USDC', pending: '75.00', network: 'Base' } },
  simulate: {
    input: { streams: 20_000, rate: 0.003 },
    output: {
      success: true,
      input: { streams: 20_000, rate: 0.003 },
      estimatedEarnings: '60.00',
      currency: 'USDC',
      splits: [
        { role: 'artist', percentage: 50, amount: 30 },
        { role: 'producer', percentage: 25, amount: 15 },
        { role: 'label', percentage: 25, amount: 15 },
      ],
      note: 'Rates differ per platform',
    },
  },
  describe: {
    input: {},
    output: {
      skill: 'instant-split',
      name: 'Instant Split',
      description: 'Shares out royalties by rule',
      category: 'payments',
      triggers: ['streaming', 'sync', 'booking', 'manual'],
      features: ['Rules per release', 'Payout above a threshold', 'Simulated payouts'],
      pricing: { transactionFee: 'none', minimumThreshold: '$50 unless set' },
      security: { network: 'none', custody: 'None: nothing is held and nothing moves' },
    },
  },
} as const
