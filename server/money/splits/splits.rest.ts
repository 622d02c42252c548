import { z } from 'zod'
import { bind, type ActionBindings } from '#server/platform/operations/index.ts'
import * as contract from './splits.contract.ts'
import { splits } from './splits.operations.ts'

const tag = 'skills'
const success = { success: true as const }

const SplitListAnswer = z.object({ success: z.literal(true), splits: contract.SplitList }).meta({ id: 'RoyaltySplitListAnswer' })
const SplitAnswer = z.object({ success: z.literal(true), split: contract.RoyaltySplit }).meta({ id: 'RoyaltySplitAnswer' })

const Body = z.union([
  z.object({ action: z.literal('list_pending') }),
  z.object({ action: z.literal('create_split'), ...contract.CreateSplit.shape }),
  z.object({ action: z.literal('create_split_rule'), ...contract.CreateRule.shape }),
  z.object({ action: z.literal('execute_split'), ...contract.SplitRef.shape }),
  z.object({ action: z.literal('approve_split'), ...contract.SplitRef.shape }),
  z.object({ action: z.literal('decline_split'), ...contract.SplitRef.shape }),
  z.object({ action: z.literal('get_balance') }),
  z.object({ action: z.literal('simulate'), ...contract.SimulateSplit.shape }),
])

export const describeInstantSplit = bind({ id: 'describeInstantSplit', tag, operation: splits.describe })

/** `POST /api/skills/instant-split`: what one can do with royalties, by `action`. */
export const executeInstantSplit: ActionBindings = {
  from: 'body',
  fallback: '',
  document: {
    id: 'executeInstantSplit',
    tag,
    summary: 'Share out royalties',
    description: 'A transaction hash is there only when a transaction was sent. Without a wallet or a chain nothing moves.',
    body: Body,
    output: z.union([
      SplitListAnswer,
      SplitAnswer,
      contract.RuleCreated,
      contract.SplitExecution,
      contract.SplitBalance,
      contract.SplitSimulation,
    ]),
  },
  actions: {
    list_pending: bind({
      id: 'listPendingSplits',
      tag,
      operation: splits.list,
      input: () => ({ pendingOnly: true }),
      output: SplitListAnswer,
      body: (list) => ({ ...success, splits: list }),
    }),
    create_split: bind({
      id: 'createSplit',
      tag,
      operation: splits.create,
      output: SplitAnswer,
      body: (split) => ({ ...success, split }),
      errors: [404],
    }),
    create_split_rule: bind({ id: 'createSplitRule', tag, operation: splits.createRule }),
    execute_split: bind({ id: 'executeSplit', tag, operation: splits.execute, errors: [404, 502] }),
    approve_split: bind({ id: 'approveSplit', tag, operation: splits.approve, errors: [403, 404, 409, 502, 503] }),
    decline_split: bind({ id: 'declineSplit', tag, operation: splits.decline, errors: [404, 409] }),
    get_balance: bind({ id: 'getSplitBalance', tag, operation: splits.balance, errors: [502] }),
    simulate: bind({ id: 'simulateSplit', tag, operation: splits.simulate }),
  },
}
