import { defineList, defineMutation, defineQuery, definePages, placeByTime } from '#server/platform/operations/index.ts'
import { DescribeSkill, SkillCard } from '../settlements/settlements.contract.ts'
import { executeSplit, getExecution, getSplitBalance } from './execution.service.ts'
import { describeSplits } from './skill-card.service.ts'
import * as contract from './splits.contract.ts'
import { examples } from './splits.examples.ts'
import * as service from './splits.service.ts'

const reading = { access: 'account', scope: 'payments:read', bucket: 'general' } as const
const writing = { access: 'account', scope: 'payments:write', bucket: 'general', idempotent: true } as const

export const splits = {
  list: defineList({
    ...reading,
    name: 'splits.list',
    summary: 'List splits of royalties',
    description: 'The newest 100; on request only those that were not shared out yet.',
    input: contract.ListSplits,
    output: contract.SplitList,
    pages: definePages({
      input: contract.ListSplits,
      node: contract.RoyaltySplit,
      place: placeByTime,
      list: service.listSplitPage,
      count: service.countSplits,
    }),
    example: examples.list,
    run: service.listSplits,
  }),
  rules: defineList({
    ...reading,
    name: 'splits.rules',
    summary: 'List who gets how much of royalties',
    description: 'The newest 100 rules.',
    input: contract.ListRules,
    output: contract.RuleList,
    pages: definePages({
      input: contract.ListRules,
      node: contract.RoyaltySplitRule,
      place: placeByTime,
      list: service.listRulePage,
      count: service.countRules,
    }),
    example: examples.rules,
    run: service.listRules,
  }),
  create: defineMutation({
    ...writing,
    name: 'splits.create',
    summary: 'Store royalties that are to be shared out',
    description: 'By rules that give away at most 100 percent. Nothing is paid.',
    input: contract.CreateSplit,
    output: contract.RoyaltySplit,
    makes: ({ id, splits }) => [id, ...splits.map((rule) => rule.id)],
    example: examples.create,
    run: service.createSplit,
  }),
  createRule: defineMutation({
    ...writing,
    name: 'splits.createRule',
    summary: 'Store who gets how much of royalties',
    input: contract.CreateRule,
    output: contract.RuleCreated,
    makes: ({ rule }) => [rule.id],
    example: examples.createRule,
    run: service.createRule,
  }),
  execute: defineMutation({
    ...writing,
    scope: 'wallet:spend',
    name: 'splits.execute',
    summary: 'Share royalties out',
    description:
      'Once, from the wallet of the workspace, if that covers all of it and its policies let everybody be paid. Without a wallet or a chain nothing moves: the answer is a calculation, says `simulated`, and the split stays pending.',
    transaction: false,
    input: contract.SplitRef,
    output: contract.SplitExecution,
    example: examples.execute,
    run: executeSplit,
  }),
  execution: defineQuery({
    ...reading,
    name: 'splits.execution',
    summary: 'Say what became of the payouts of a split',
    input: contract.SplitRef,
    output: contract.SplitExecution,
    example: examples.execution,
    run: getExecution,
  }),
  balance: defineQuery({
    ...reading,
    name: 'splits.balance',
    summary: 'Say what there is to share out',
    description: 'The balance is read from the chain.',
    input: contract.GetSplitBalance,
    output: contract.SplitBalance,
    example: examples.balance,
    run: getSplitBalance,
  }),
  simulate: defineQuery({
    ...reading,
    name: 'splits.simulate',
    summary: 'Calculate a split',
    description: 'With the usual shares: artist 50, producer 25 and label 25 percent. Nothing is stored and nothing is paid.',
    input: contract.SimulateSplit,
    output: contract.SplitSimulation,
    example: examples.simulate,
    run: service.simulateSplit,
  }),
  describe: defineQuery({
    name: 'splits.describe',
    summary: 'Describe the instant split skill',
    description: 'What this server can do, as it is set up.',
    access: 'public',
    bucket: 'general',
    input: DescribeSkill,
    output: SkillCard,
    example: examples.describe,
    run: describeSplits,
  }),
}
