import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { accountOf, callerIdOf, inTransaction, newId, type AccountContext } from '#server/platform/core/index.ts'
import { formatTokenUnits, microUsdOfUnits, parseTokenUnits } from '#server/platform/money/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { baseChainId, explorerUrl, usdcAddress, type BaseNetwork } from '#server/integrations/chains/index.ts'
import { driveTransfersSoon, planTransfer, queueTransfer } from '../transfers/index.ts'
import { USDC_DECIMALS } from './chain.service.ts'
import { askerOf, requirePayingWallet, type PayingWallet } from './pay.service.ts'
import { listPoliciesFor, lockPolicies } from './policies.queries.ts'
import { reasonToAsk, type Wish } from './policies.rules.ts'
import type { SendPreview, SendRef, SendUsdc, WalletSend } from './sends.contract.ts'
import { SendDecided, SendNotFound, WalletFundsTooLow } from './sends.errors.ts'
import * as queries from './sends.queries.ts'
import { checkRecipient, shownAddress } from './sends.rules.ts'

const ETHER_DECIMALS = 18

/** @throws InvalidInput for a recipient whose checksum is wrong. */
const wishOf = (ctx: AccountContext, { to, amount }: SendUsdc): Wish => ({
  to: checkRecipient(to),
  amountUnits: microUsdOfUnits(parseTokenUnits(amount, USDC_DECIMALS)),
  agentId: askerOf(ctx).agentId,
})

const planOf = (ctx: AccountContext, wallet: PayingWallet, { to, amountUnits }: Wish) =>
  planTransfer(ctx.platform, wallet.address as Address, {
    to: to as Address,
    token: usdcAddress(ctx.platform.env),
    amount: BigInt(amountUnits),
  })

/**
 * What a payment would cost, and whether it would work now.
 *
 * @throws InvalidInput, WalletNotFound, WrongNetwork, ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function previewSend(ctx: AccountContext, input: SendUsdc): Promise<SendPreview> {
  const wallet = await requirePayingWallet(ctx)
  const wish = wishOf(ctx, input)
  const { held, feeWei, obstacle } = await planOf(ctx, wallet, wish)
  const reason = reasonToAsk(wish, await listPoliciesFor(ctx.db, accountOf(ctx), wish.agentId))
  return {
    to: shownAddress(wish.to),
    amount: formatTokenUnits(BigInt(wish.amountUnits), USDC_DECIMALS, 2),
    balance: formatTokenUnits(held.token, USDC_DECIMALS, 2),
    maxFeeEth: feeWei === undefined ? null : formatTokenUnits(feeWei, ETHER_DECIMALS),
    gasBalanceEth: formatTokenUnits(held.native, ETHER_DECIMALS),
    needsApproval: reason ?? null,
    problem: obstacle ?? null,
  }
}

/**
 * Pays USDC from the wallet of the workspace, or asks an owner where policies say so. Of calls at the same moment each sees what
 * the others spend: together they stay within the limits of a day.
 *
 * @throws InvalidInput, WalletNotFound, WrongNetwork, WalletFundsTooLow, ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function sendUsdc(ctx: AccountContext, input: SendUsdc): Promise<WalletSend> {
  const accountId = accountOf(ctx)
  const wallet = await requirePayingWallet(ctx)
  const wish = wishOf(ctx, input)
  const { obstacle } = await planOf(ctx, wallet, wish)
  if (obstacle !== undefined) throw new WalletFundsTooLow(obstacle)
  const id = await inTransaction(ctx.platform.databases.system, async (db) => {
    if (ctx.attempt?.stored !== undefined) return ctx.attempt.stored
    await lockPolicies(db, accountId)
    const reason = reasonToAsk(wish, await listPoliciesFor(db, accountId, wish.agentId)) ?? null
    const id = newId('walletSend')
    await ctx.attempt?.note(db, id)
    const send = { ...askerOf(ctx), id, walletId: wallet.id, recipient: wish.to, amountUnits: wish.amountUnits }
    await queries.insertSend(db, accountId, send, reason)
    if (reason === null) await order(ctx, db, wallet.keyId, send)
    return id
  })
  driveTransfersSoon(ctx.platform)
  return showSend(ctx, id)
}

const order = (
  { platform }: AccountContext,
  db: Db,
  keyId: string,
  { id, recipient, amountUnits }: { id: string; recipient: string; amountUnits: number },
) =>
  queueTransfer(db, {
    keyId,
    chainId: baseChainId(platform.env),
    to: recipient as Address,
    token: usdcAddress(platform.env),
    amount: BigInt(amountUnits),
    ref: `wallet:${id}`,
  })

async function showSend(ctx: AccountContext, id: string): Promise<WalletSend> {
  const row = await queries.findSend(ctx.db, accountOf(ctx), id)
  if (!row) throw new SendNotFound(id)
  return toSend(row)
}

/** @throws SendNotFound; of an agent, also for what others asked for. */
export async function getSend(ctx: AccountContext, { sendId }: SendRef): Promise<WalletSend> {
  const send = await showSend(ctx, sendId)
  const { agentId } = askerOf(ctx)
  if (agentId !== null && send.agentId !== agentId) throw new SendNotFound(sendId)
  return send
}

function toSend(row: queries.SendRow): WalletSend {
  const state = (row.state === 'ordered' ? (row.transferState ?? 'queued') : row.state) as WalletSend['state']
  return {
    id: row.id,
    to: shownAddress(row.recipient),
    amount: formatTokenUnits(BigInt(row.amountUnits), USDC_DECIMALS, 2),
    state,
    reason: row.state === 'ordered' ? row.problem : row.reason,
    approvableUntil: row.state === 'waiting' ? row.approvableUntil : null,
    agentId: row.agentId,
    txHash: row.txHash,
    explorerUrl: row.txHash === null ? null : explorerUrl(row.network as BaseNetwork, 'tx', row.txHash),
    feeEth: row.feeWei === null ? null : formatTokenUnits(BigInt(row.feeWei), ETHER_DECIMALS),
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  }
}

const MAX_LISTED = 100

/** Payments from the wallet, newest first, at most 100. */
export const listSends = async (ctx: AccountContext): Promise<WalletSend[]> =>
  (await queries.listSends(ctx.db, accountOf(ctx), MAX_LISTED)).map(toSend)

/** The same page by page. */
export async function listSendPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listSends(ctx.db, accountOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<WalletSend, PlaceByTime> => ({ node: toSend(row), place: [place, row.id] }))
}

export const countSends = (ctx: AccountContext): Promise<number> => queries.countSends(ctx.db, accountOf(ctx))

/** Lets a payment that waits be made, whatever policies say. @throws SendNotFound, SendDecided, WalletNotFound, WrongNetwork */
export async function approveSend(ctx: AccountContext, { sendId }: SendRef): Promise<WalletSend> {
  const wallet = await requirePayingWallet(ctx)
  await decide(ctx, sendId, 'ordered', (db, send) => order(ctx, db, wallet.keyId, send))
  driveTransfersSoon(ctx.platform)
  return showSend(ctx, sendId)
}

/** @throws SendNotFound, SendDecided */
export async function declineSend(ctx: AccountContext, { sendId }: SendRef): Promise<WalletSend> {
  await decide(ctx, sendId, 'declined', async () => undefined)
  return showSend(ctx, sendId)
}

type Decided = NonNullable<Awaited<ReturnType<typeof queries.decideSend>>>

async function decide(
  ctx: AccountContext,
  sendId: string,
  state: 'ordered' | 'declined',
  also: (db: Db, send: Decided) => Promise<unknown>,
): Promise<void> {
  const accountId = accountOf(ctx)
  const isDecided = await inTransaction(ctx.platform.databases.system, async (db) => {
    // What an owner approves counts for the day as well.
    await lockPolicies(db, accountId)
    const send = await queries.decideSend(db, accountId, sendId, { state, decidedBy: callerIdOf(ctx.actor) })
    if (send) await also(db, send)
    return send !== undefined
  })
  if (isDecided) return
  throw new SendDecided((await showSend(ctx, sendId)).state)
}
