import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { accountOf, callerIdOf, newId, type AccountContext } from '#server/platform/core/index.ts'
import { microUsdOfUnits, type TokenUnits } from '#server/platform/money/index.ts'
import { baseChainId, baseNetwork, usdcAddress } from '#server/integrations/chains/index.ts'
import { queueTransfer } from '../transfers/index.ts'
import { listPoliciesFor, lockPolicies } from './policies.queries.ts'
import { reasonToAsk } from './policies.rules.ts'
import { PaymentNeedsOwner, WrongNetwork } from './sends.errors.ts'
import * as queries from './sends.queries.ts'
import { findWallet } from './wallets.queries.ts'
import { requireOwnWallet } from './wallets.service.ts'

/** A wallet payments are made from. */
export interface PayingWallet {
  id: string
  keyId: string
  address: string
}

/** The wallet of the workspace whose key this server has, on the chain it is connected to; undefined when there is none. */
export async function findPayingWallet(ctx: AccountContext): Promise<PayingWallet | undefined> {
  const wallet = await findWallet(ctx.db, accountOf(ctx), 'own')
  if (!wallet?.keyId || wallet.network !== baseNetwork(ctx.platform.env)) return undefined
  return { id: wallet.id, keyId: wallet.keyId, address: wallet.address }
}

/**
 * The same, for what cannot be done without.
 *
 * @throws WalletNotFound, WrongNetwork
 */
export async function requirePayingWallet(ctx: AccountContext): Promise<PayingWallet> {
  const { id, keyId, address, network } = await requireOwnWallet(ctx)
  if (network !== baseNetwork(ctx.platform.env)) throw new WrongNetwork(network)
  return { id, keyId: keyId!, address }
}

/** Who wishes something to be paid: a caller, and the agent whose key it calls with. */
export interface Asker {
  agentId: string | null
  /** Id of the key, or of the person. */
  requestedBy: string
  /** The owner who has approved it, whatever policies say. */
  decidedBy?: string
}

export const askerOf = ({ actor }: AccountContext): Asker =>
  actor.kind === 'key' ? { agentId: actor.agentId, requestedBy: actor.keyId } : { agentId: null, requestedBy: callerIdOf(actor) }

/** Somebody who is paid from a wallet. `isFee`: by the terms of this server, which no policy of the workspace is about. */
interface WalletPayment {
  to: string
  units: TokenUnits
  isFee: boolean
}

/**
 * Pays several people from a wallet, all or nobody, in a transaction of the caller's: each payment within the policies, after those
 * before it, unless an owner has approved them. They count for the day, and are among what was sent.
 *
 * @returns what their transfers are called.
 * @throws PaymentNeedsOwner when a policy does not let one of them be made.
 */
export async function payFromWallet(
  ctx: AccountContext,
  systemDb: Db,
  wallet: PayingWallet,
  payments: WalletPayment[],
  asker: Asker = askerOf(ctx),
): Promise<string[]> {
  const { env } = ctx.platform
  const accountId = accountOf(ctx)
  await lockPolicies(systemDb, accountId)
  const refs: string[] = []
  for (const { to, units, isFee } of payments) {
    const wish = { to: to.toLowerCase(), amountUnits: microUsdOfUnits(units), agentId: asker.agentId }
    const isFree = isFee || asker.decidedBy !== undefined
    const reason = isFree ? undefined : reasonToAsk(wish, await listPoliciesFor(systemDb, accountId, asker.agentId))
    if (reason !== undefined) throw new PaymentNeedsOwner(reason)
    const id = newId('walletSend')
    const send = { ...asker, id, walletId: wallet.id, recipient: wish.to, amountUnits: wish.amountUnits }
    await queries.insertSend(systemDb, accountId, send, null)
    const ref = `wallet:${id}`
    const chain = { chainId: baseChainId(env), token: usdcAddress(env) }
    await queueTransfer(systemDb, { ...chain, keyId: wallet.keyId, to: wish.to as Address, amount: units, ref })
    refs.push(ref)
  }
  return refs
}
