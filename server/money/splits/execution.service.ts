import type { Address } from 'viem'
import { accountOf, inTransaction, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { microUsdOfUnits, unitsOfMicroUsd, type TokenUnits } from '#server/platform/money/index.ts'
import { readBalances } from '#server/integrations/chains/index.ts'
import { askChain, chainOf, hasChain, isPaid, listOfSplit, networkOf, notePayouts, type Due } from '../settlements/index.ts'
import { driveTransfersSoon } from '../transfers/index.ts'
import { findPayingWallet, payFromWallet, type PayingWallet } from '../wallets/index.ts'
import type { SplitBalance, SplitExecution, SplitRef } from './splits.contract.ts'
import { SplitNotCovered, SplitNotFound, SplitProcessed } from './splits.errors.ts'
import * as queries from './splits.queries.ts'
import { duesOf, summarize, toPayout, toSimulated, usdcText } from './splits.rules.ts'
import { feeFor } from './splits.service.ts'

/** The wallet royalties are paid from; undefined without one, or without a chain. */
const findWallet = async (ctx: AccountContext): Promise<PayingWallet | undefined> =>
  hasChain(ctx.platform.env) ? findPayingWallet(ctx) : undefined

const balanceOf = (platform: Platform, { address }: PayingWallet): Promise<TokenUnits> =>
  askChain(async () => (await readBalances(platform, address as Address, chainOf(platform).token)).token)

/**
 * Shares a split out, once: its payouts are ordered together with the note that they are, as payments from the wallet of the
 * workspace and within its policies. Without a wallet or a chain it is only simulated, and stays as it is.
 *
 * @throws SplitNotFound; SplitProcessed; SplitNotCovered; PaymentNeedsOwner; ChainUnreadable
 */
export async function executeSplit(ctx: AccountContext, { splitId }: SplitRef): Promise<SplitExecution> {
  const { platform } = ctx
  const split = await queries.findSplit(ctx.db, accountOf(ctx), splitId)
  if (!split) throw new SplitNotFound()
  if (split.status !== 'pending') throw new SplitProcessed()
  const fee = feeFor(ctx, split)
  const dues = duesOf(split, await queries.listRulesOf(ctx.db, accountOf(ctx), [splitId]), fee)
  const wallet = await findWallet(ctx)
  if (!wallet) return toExecution(split, null, dues.map(toSimulated))
  const needed = dues.filter(isPaid).reduce((sum, { units }) => sum + units, 0n)
  const balance = await balanceOf(platform, wallet)
  if (balance < needed) throw new SplitNotCovered(usdcText(balance), usdcText(needed))
  const executed = await inTransaction(platform.databases.system, async (db) => {
    const marked = await queries.markExecuted(db, accountOf(ctx), splitId, microUsdOfUnits(fee.units))
    if (!marked) throw new SplitProcessed()
    const refs = await payFromWallet(ctx, db, wallet, dues.filter(isPaid).map(toPayment))
    await notePayouts(
      db,
      accountOf(ctx),
      { splitId },
      dues,
      dues.map((due) => (isPaid(due) ? refs.shift()! : null)),
    )
    return marked
  })
  driveTransfersSoon(platform)
  return toExecution(executed, executed.executedAt, (await listOfSplit(ctx.db, accountOf(ctx), splitId)).map(toPayout))
}

const toPayment = ({ address, units, kind }: Due) => ({ to: address, units, isFee: kind === 'fee' })

const toExecution = (
  { id, amountUnits }: queries.SplitRow,
  executedAt: string | null,
  results: SplitExecution['results'],
): SplitExecution => ({ success: true, splitId: id, executedAt, results, summary: summarize(amountUnits, results) })

/** What became of the payouts of a split; none before it was shared out. @throws SplitNotFound */
export async function getExecution(ctx: AccountContext, { splitId }: SplitRef): Promise<SplitExecution> {
  const split = await queries.findSplit(ctx.db, accountOf(ctx), splitId)
  if (!split) throw new SplitNotFound()
  return toExecution(split, split.executedAt, (await listOfSplit(ctx.db, accountOf(ctx), splitId)).map(toPayout))
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
