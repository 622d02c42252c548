import { accountOf, InvalidInput, newId, type AccountContext, type Context } from '#server/platform/core/index.ts'
import {
  basisPointsOf,
  microUsdOfUnits,
  unitsOfMicroUsd,
  usdcUnitsOfNumber,
  usdcUnitsOfProduct,
  WHOLE_BASIS_POINTS,
} from '#server/platform/money/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { getEntitlements } from '../billing/index.ts'
import { requireChecksums } from '../settlements/index.ts'
import {
  MAX_LISTED,
  type CreateRule,
  type CreateSplit,
  type ListSplits,
  type RoyaltySplit,
  type RoyaltySplitRule,
  type RuleCreated,
  type SimulateSplit,
  type SplitSimulation,
} from './splits.contract.ts'
import { SplitRuleNotFound } from './splits.errors.ts'
import * as queries from './splits.queries.ts'
import { feeOf, simulateShares, sumOfShares, toRule, toSplit, usdcText, type Fee } from './splits.rules.ts'

/** What the caller would pay for a split. */
export const feeFor = (ctx: AccountContext, { amountUnits }: Pick<queries.SplitRow, 'amountUnits'>): Fee =>
  feeOf(ctx.platform.env, getEntitlements(ctx).plan, unitsOfMicroUsd(amountUnits))

/** The newest splits. */
export const listSplits = async (ctx: AccountContext, { pendingOnly }: ListSplits): Promise<RoyaltySplit[]> =>
  toSplits(ctx, await queries.listSplits(ctx.db, accountOf(ctx), pendingOnly, MAX_LISTED))

/** A page of all of them. */
export async function listSplitPage(ctx: AccountContext, { pendingOnly }: ListSplits, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listSplits(ctx.db, accountOf(ctx), pendingOnly, limit, after)
  const nodes = await toSplits(ctx, rows)
  return rows.map(({ id, place }, index): Entry<RoyaltySplit, PlaceByTime> => ({ node: nodes[index]!, place: [place, id] }))
}

/** How many there are. */
export const countSplits = (ctx: AccountContext, { pendingOnly }: ListSplits): Promise<number> =>
  queries.countSplits(ctx.db, accountOf(ctx), pendingOnly)

async function toSplits(ctx: AccountContext, rows: queries.SplitRow[]): Promise<RoyaltySplit[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const rules = Map.groupBy(await queries.listRulesOf(ctx.db, accountOf(ctx), ids), ({ splitId }) => splitId)
  return rows.map((row) =>
    toSplit(row, rules.get(row.id) ?? [], row.feeUnits === null ? feeFor(ctx, row).units : unitsOfMicroUsd(row.feeUnits)),
  )
}

/** The newest rules. */
export const listRules = async (ctx: AccountContext): Promise<RoyaltySplitRule[]> =>
  (await queries.listRules(ctx.db, accountOf(ctx), MAX_LISTED)).map(toRule)

/** A page of all of them. */
export async function listRulePage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listRules(ctx.db, accountOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<RoyaltySplitRule, PlaceByTime> => ({ node: toRule(row), place: [place, row.id] }))
}

/** How many there are. */
export const countRules = (ctx: AccountContext): Promise<number> => queries.countRules(ctx.db, accountOf(ctx))

/** Stores who gets how much. Rules do not change afterwards: splits go by them. @throws InvalidInput for a wrong checksum */
export async function createRule(ctx: AccountContext, { splits: rule, threshold }: CreateRule): Promise<RuleCreated> {
  await requireChecksums([['splits.recipientAddress', rule.recipientAddress]])
  const row = await queries.insertRule(ctx.db, accountOf(ctx), {
    id: newId('splitRule'),
    address: rule.recipientAddress,
    basisPoints: basisPointsOf(rule.percentage),
    role: rule.role,
    name: rule.name,
    thresholdUnits: microUsdOfUnits(usdcUnitsOfNumber(threshold)),
  })
  return { success: true, rule: toRule(row), message: 'Rule saved' }
}

/** Stores royalties that are to be shared out; nothing is paid. @throws SplitRuleNotFound; InvalidInput for more than the whole */
export async function createSplit(ctx: AccountContext, { amount, release, trigger, ruleIds }: CreateSplit): Promise<RoyaltySplit> {
  const rules = await queries.findRules(ctx.db, accountOf(ctx), ruleIds)
  if (rules.length < ruleIds.length) throw new SplitRuleNotFound()
  if (sumOfShares(rules) > WHOLE_BASIS_POINTS)
    throw new InvalidInput([{ field: 'ruleIds', message: 'expected rules that give away at most 100 percent' }])
  const split = { id: newId('split'), amountUnits: microUsdOfUnits(BigInt(amount)), release, trigger }
  await queries.insertSplit(ctx.db, accountOf(ctx), split, ruleIds)
  const [stored] = await toSplits(ctx, [(await queries.findSplit(ctx.db, accountOf(ctx), split.id))!])
  return stored!
}

/** Calculates what the usual people would get; nothing is stored. */
export async function simulateSplit(_ctx: Context, { streams, rate }: SimulateSplit): Promise<SplitSimulation> {
  const units = usdcUnitsOfProduct(streams, rate)
  return {
    success: true,
    input: { streams, rate },
    estimatedEarnings: usdcText(units),
    currency: 'USDC',
    splits: simulateShares(units),
    note: 'Rates differ per platform',
  }
}
