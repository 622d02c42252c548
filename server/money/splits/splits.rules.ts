import type { Env } from '#server/platform/core/index.ts'
import {
  formatTokenUnits,
  percentOf,
  unitsOfMicroUsd,
  usdcAsNumber,
  USDC_DECIMALS,
  WHOLE_BASIS_POINTS,
  type TokenUnits,
} from '#server/platform/money/index.ts'
import { outcomeOf, sharesOf, splitFee, type Due, type PayoutRow } from '../settlements/index.ts'
import type { SplitApproval } from './approval.contract.ts'
import type * as contract from './splits.contract.ts'
import type { RuleRow, SplitRow } from './splits.queries.ts'

/** What a server takes of a split, by who operates it and who pays. */
export interface Fee {
  units: TokenUnits
  address: string | undefined
}

/** Plans that pay no fee. */
const FREE_PLANS = new Set(['label', 'network'])

export const feeOf = ({ SETTLEMENT_FEE_ADDRESS: address }: Env, plan: string, amountUnits: TokenUnits): Fee => ({
  address,
  units: address === undefined || FREE_PLANS.has(plan) ? 0n : splitFee(amountUnits),
})

export const toRule = ({ id, address, basisPoints, role, name, thresholdUnits }: RuleRow): contract.RoyaltySplitRule => ({
  id,
  recipientAddress: address,
  percentage: percentOf(basisPoints),
  role: role as contract.RoyaltySplitRule['role'],
  name,
  minimumThreshold: usdcAsNumber(unitsOfMicroUsd(thresholdUnits)),
})

/** @param fee What is taken of it, or was. */
export const toSplit = (row: SplitRow, rules: RuleRow[], fee: TokenUnits): contract.RoyaltySplit => ({
  id: row.id,
  amount: String(row.amountUnits),
  currency: 'USDC',
  trigger: row.trigger as contract.RoyaltySplit['trigger'],
  release: row.release,
  splits: rules.map(toRule),
  fee: String(fee),
  status: row.status as contract.RoyaltySplit['status'],
  approval: toApproval(row),
  createdAt: row.createdAt,
  completedAt: row.completedAt,
})

/** Whether an owner was asked, and what became of it. */
export const toApproval = ({ approval, approvalReason, approvableUntil, askedForAgent }: SplitRow): SplitApproval | null =>
  approval === null
    ? null
    : {
        state: approval as SplitApproval['state'],
        reason: approvalReason!,
        agentId: askedForAgent,
        approvableUntil: approval === 'waiting' ? approvableUntil : null,
      }

/** How much of the whole rules give away; the rest stays where it is. */
export const sumOfShares = (rules: Pick<RuleRow, 'basisPoints'>[]): number => rules.reduce((sum, { basisPoints }) => sum + basisPoints, 0)

/** Everybody who is paid of a split, with the reason where somebody is not, and the fee. */
export function duesOf({ amountUnits }: Pick<SplitRow, 'amountUnits'>, rules: RuleRow[], fee: Fee): Due[] {
  const kept = WHOLE_BASIS_POINTS - sumOfShares(rules)
  const weights = [...rules.map(({ basisPoints }) => basisPoints), ...(kept > 0 ? [kept] : [])]
  const units = sharesOf(unitsOfMicroUsd(amountUnits) - fee.units, weights)
  const dues = rules.map((rule, index): Due => {
    const due: Due = { kind: 'share', name: rule.name, address: rule.address, units: units[index]! }
    const threshold = unitsOfMicroUsd(rule.thresholdUnits)
    return due.units < threshold ? { ...due, skippedBecause: `The share is below ${usdcText(threshold)} USDC.` } : due
  })
  return fee.units === 0n ? dues : [...dues, { kind: 'fee', name: 'Fee', address: fee.address!, units: fee.units }]
}

/** USDC for people and texts: two places, more where they say something. */
export const usdcText = (units: TokenUnits): string => formatTokenUnits(units, USDC_DECIMALS, 2)

export const toPayout = (row: PayoutRow): contract.SplitPayout => ({
  recipient: row.name,
  address: row.address,
  amount: String(row.units),
  ...outcomeOf(row),
})

const toPlanned = ({ name, address, units, skippedBecause }: Due, planned: Pick<contract.SplitPayout, 'status' | 'error'>) => ({
  recipient: name,
  address,
  amount: String(units),
  ...(skippedBecause === undefined ? planned : { status: 'skipped' as const, reason: skippedBecause }),
})

/** What would be paid, where nothing can be. */
export const toSimulated = (due: Due): contract.SplitPayout => toPlanned(due, { status: 'simulated' })

/** What would be paid once an owner approves it. */
export const toWaiting = (due: Due): contract.SplitPayout => toPlanned(due, { status: 'pending', error: 'It waits for an owner.' })

export function summarize(amountUnits: number, results: contract.SplitPayout[]): contract.SplitExecution['summary'] {
  const count = (status: contract.SplitPayout['status']) => results.filter((result) => result.status === status).length
  return {
    total: `${formatTokenUnits(unitsOfMicroUsd(amountUnits), USDC_DECIMALS)} USDC`,
    successful: count('completed'),
    failed: count('failed'),
    skipped: count('skipped'),
    pending: count('pending'),
    simulated: count('simulated'),
  }
}

/** The usual shares, in percent: what a simulation goes by. */
const USUAL_SHARES = [
  { role: 'artist', percentage: 50 },
  { role: 'producer', percentage: 25 },
  { role: 'label', percentage: 25 },
]

/** What the usual people would get of so much. */
export function simulateShares(units: TokenUnits): contract.SplitSimulation['splits'] {
  const shares = sharesOf(
    units,
    USUAL_SHARES.map(({ percentage }) => percentage),
  )
  return USUAL_SHARES.map((usual, index) => ({ ...usual, amount: usdcAsNumber(shares[index]!) }))
}
