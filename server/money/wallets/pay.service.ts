import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { accountOf, callerIdOf, newId, type AccountContext } from '#server/platform/core/index.ts'
import { microUsdOfUnits, type TokenUnits } from '#server/platform/money/index.ts'
import { baseChainId, baseNetwork, usdcAddress } from '#server/integrations/chains/index.ts'
import { queueTransfer } from '../transfers/index.ts'
import { listPoliciesFor, lockPolicies } from './policies.queries.ts'
import { reasonToAsk } from './policies.rules.ts'
import { PaymentNeedsOwner } from './sends.errors.ts'
import * as queries from './sends.queries.ts'
import { findWallet } from './wallets.queries.ts'

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

/** Somebody who is paid from a wallet. `isFee`: by the terms of this server, which no policy of the workspace is about. */
interface WalletPayment {
  to: string
  units: TokenUnits
  isFee: boolean
}

/**
 * Pays several people from a wallet, all or nobody, in a transaction of the caller's: each payment within the policies, after those
 * before it. They count for the day, and are among what was sent.
 *
 * @returns what their transfers are called.
 * @throws PaymentNeedsOwner when a policy does not let one of them be made.
 */
export async function payFromWallet(ctx: AccountContext, systemDb: Db, wallet: PayingWallet, payments: WalletPayment[]): Promise<string[]> {
  const [accountId, { actor, platform }] = [accountOf(ctx), ctx]
  const agentId = actor.kind === 'key' ? actor.agentId : null
  const requestedBy = actor.kind === 'key' ? actor.keyId : callerIdOf(actor)
  await lockPolicies(systemDb, accountId)
  const refs: string[] = []
  for (const { to, units, isFee } of payments) {
    const wish = { to: to.toLowerCase(), amountUnits: microUsdOfUnits(units), agentId }
    const reason = isFee ? undefined : reasonToAsk(wish, await listPoliciesFor(systemDb, accountId, agentId))
    if (reason !== undefined) throw new PaymentNeedsOwner(reason)
    const id = newId('walletSend')
    const send = { id, walletId: wallet.id, agentId, requestedBy, recipient: wish.to, amountUnits: wish.amountUnits }
    await queries.insertSend(systemDb, accountId, send, null)
    const ref = `wallet:${id}`
    const chain = { chainId: baseChainId(platform.env), token: usdcAddress(platform.env) }
    await queueTransfer(systemDb, { ...chain, keyId: wallet.keyId, to: wish.to as Address, amount: units, ref })
    refs.push(ref)
  }
  return refs
}
