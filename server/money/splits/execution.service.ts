import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { accountOf, inTransaction, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { microUsdOfUnits, unitsOfMicroUsd, type TokenUnits } from '#server/platform/money/index.ts'
import { readBalances } from '#server/integrations/chains/index.ts'
import { askChain, chainOf, hasChain, isPaid, listOfSplit, networkOf, notePayouts, type Due } from '../settlements/index.ts'
import { driveTransfersSoon } from '../transfers/index.ts'
import { type Asker, askerOf, findPayingWallet, PaymentNeedsOwner, payFromWallet, type PayingWallet } from '../wallets/index.ts'
import type { SplitBalance, SplitExecution, SplitRef } from './splits.contract.ts'
import { SplitNotCovered, SplitNotFound, SplitProcessed } from './splits.errors.ts'
import * as queries from './splits.queries.ts'
import { duesOf, summarize, toApproval, toPayout, toSimulated, toWaiting, usdcText, type Fee } from './splits.rules.ts'
import { feeFor } from './splits.service.ts'

/** The wallet royalties are paid from; undefined without one, or without a chain. */
const findWallet = async (ctx: AccountContext): Promise<PayingWallet | undefined> =>
  hasChain(ctx.platform.env) ? findPayingWallet(ctx) : undefined

const balanceOf = (platform: Platform, { address }: PayingWallet): Promise<TokenUnits> =>
  askChain(async () => (await readBalances(platform, address as Address, chainOf(platform).token)).token)

/** A split, and what would be paid of it. */
interface Plan {
  split: queries.SplitRow
  fee: Fee
  dues: Due[]
}

/** @throws SplitNotFound */
export async function planSplit(ctx: AccountContext, { splitId }: SplitRef): Promise<Plan> {
  const split = await queries.findSplit(ctx.db, accountOf(ctx), splitId)
  if (!split) throw new SplitNotFound()
  const fee = feeFor(ctx, split)
  return { split, fee, dues: duesOf(split, await queries.listRulesOf(ctx.db, accountOf(ctx), [splitId]), fee) }
}

/**
 * Shares a split out, once: its payouts are ordered together with the note that they are, as payments from the wallet of the
 * workspace. What its policies do not allow waits for an owner, all of it. Without a wallet or a chain it is only simulated, and stays
 * as it is.
 *
 * @throws SplitNotFound; SplitProcessed; SplitNotCovered; ChainUnreadable
 */
export async function executeSplit(ctx: AccountContext, { splitId }: SplitRef): Promise<SplitExecution> {
  const [plan, asker] = [await planSplit(ctx, { splitId }), askerOf(ctx)]
  if (plan.split.status !== 'pending') throw new SplitProcessed()
  const wallet = await findWallet(ctx)
  if (!wallet) return toExecution(plan.split, plan.dues.map(toSimulated))
  await requireCover(ctx, wallet, plan)
  const { system } = ctx.platform.databases
  try {
    await inTransaction(system, (db) => shareOut(ctx, db, wallet, plan, asker))
  } catch (error) {
    if (!(error instanceof PaymentNeedsOwner)) throw error
    if (!(await queries.markAsked(system, accountOf(ctx), splitId, asker, error.message))) throw new SplitProcessed()
  }
  driveTransfersSoon(ctx.platform)
  return getExecution(ctx, { splitId })
}

/** @throws SplitNotCovered; ChainUnreadable */
export async function requireCover({ platform }: AccountContext, wallet: PayingWallet, { dues }: Plan): Promise<void> {
  const needed = dues.filter(isPaid).reduce((sum, { units }) => sum + units, 0n)
  const balance = await balanceOf(platform, wallet)
  if (balance < needed) throw new SplitNotCovered(usdcText(balance), usdcText(needed))
}

/** Orders all payouts of a split, in a transaction of the caller's. @throws SplitProcessed; PaymentNeedsOwner */
export async function shareOut(ctx: AccountContext, db: Db, wallet: PayingWallet, { split, fee, dues }: Plan, asker: Asker): Promise<void> {
  const [accountId, splitId] = [accountOf(ctx), split.id]
  if (!(await queries.markExecuted(db, accountId, splitId, microUsdOfUnits(fee.units)))) throw new SplitProcessed()
  const refs = await payFromWallet(ctx, db, wallet, dues.filter(isPaid).map(toPayment), asker)
  const refOf = (due: Due) => (isPaid(due) ? refs.shift()! : null)
  await notePayouts(db, accountId, { splitId }, dues, dues.map(refOf))
}

const toPayment = ({ address, units, kind }: Due) => ({ to: address, units, isFee: kind === 'fee' })

const toExecution = (split: queries.SplitRow, results: SplitExecution['results']): SplitExecution => ({
  success: true,
  splitId: split.id,
  executedAt: split.executedAt,
  approval: toApproval(split),
  results,
  summary: summarize(split.amountUnits, results),
})

/** What became of the payouts of a split, or what they wait for; none before somebody wished to share it out. @throws SplitNotFound */
export async function getExecution(ctx: AccountContext, ref: SplitRef): Promise<SplitExecution> {
  const { split, dues } = await planSplit(ctx, ref)
  if (split.approval === 'waiting' && split.status === 'pending') return toExecution(split, dues.map(toWaiting))
  return toExecution(split, (await listOfSplit(ctx.db, accountOf(ctx), split.id)).map(toPayout))
}

/** What there is to share out. @throws ChainUnreadable */
export async function getSplitBalance(ctx: AccountContext): Promise<SplitBalance> {
  const wallet = await findWallet(ctx)
  return {
    success: true,
    balance: wallet ? usdcText(await balanceOf(ctx.platform, wallet)) : null,
    currency: 'USDC',
    pending: usdcText(unitsOfMicroUsd(await queries.sumPending(ctx.db, accountOf(ctx)))),
    network: networkOf(ctx.platform.env),
  }
}

/** Ends splits all of whose payouts are over. */
export const endSplits = ({ databases: { system } }: Platform) => queries.endFinished(system)
