import { accountOf, callerIdOf, inTransaction, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { driveTransfersSoon } from '../transfers/index.ts'
import { requirePayingWallet } from '../wallets/index.ts'
import { getExecution, planSplit, requireCover, shareOut } from './execution.service.ts'
import type { SplitExecution, SplitRef } from './splits.contract.ts'
import { SplitNotWaiting } from './splits.errors.ts'
import * as queries from './splits.queries.ts'

/**
 * Shares a split out that waits for an owner, whatever policies say. Its payouts are ordered together with the note that it was
 * approved, so that this happens once, and never after its time is over.
 *
 * @throws SplitNotFound; SplitNotWaiting; SplitNotCovered; WalletNotFound; WrongNetwork; ChainUnreadable
 */
export async function approveSplit(ctx: AccountContext, ref: SplitRef): Promise<SplitExecution> {
  const plan = await planSplit(ctx, ref)
  if (plan.split.approval !== 'waiting') throw new SplitNotWaiting(plan.split.approval)
  const wallet = await requirePayingWallet(ctx)
  await requireCover(ctx, wallet, plan)
  const decidedBy = callerIdOf(ctx.actor)
  const isApproved = await inTransaction(ctx.platform.databases.system, async (db) => {
    const asked = await queries.decideSplit(db, accountOf(ctx), ref.splitId, { approval: 'approved', decidedBy })
    if (asked) await shareOut(ctx, db, wallet, plan, { agentId: asked.askedForAgent, requestedBy: asked.askedBy!, decidedBy })
    return asked !== undefined
  })
  if (!isApproved) await refuse(ctx, ref)
  driveTransfersSoon(ctx.platform)
  return getExecution(ctx, ref)
}

/** Nothing is paid; it may be asked for again. @throws SplitNotFound; SplitNotWaiting */
export async function declineSplit(ctx: AccountContext, ref: SplitRef): Promise<SplitExecution> {
  const decision = { approval: 'declined', decidedBy: callerIdOf(ctx.actor) } as const
  if (!(await queries.decideSplit(ctx.platform.databases.system, accountOf(ctx), ref.splitId, decision))) await refuse(ctx, ref)
  return getExecution(ctx, ref)
}

/** @throws SplitNotFound or SplitNotWaiting, whichever it is. */
async function refuse(ctx: AccountContext, ref: SplitRef): Promise<never> {
  throw new SplitNotWaiting((await planSplit(ctx, ref)).split.approval)
}

/** Ends the waiting of splits that no owner has decided in time. */
export const expireSplits = ({ databases: { system } }: Platform) => queries.expireSplits(system)
