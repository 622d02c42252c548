import { formatUsd } from '#server/platform/money/index.ts'
import { type Context, isUniqueViolation, newId } from '#server/platform/core/index.ts'
import { pluginPriceOf } from './plugin-prices.ts'
import type { SubmitVoucher, VoucherAccepted } from './sessions.contract.ts'
import { VoucherRefused, type VoucherProblem } from './sessions.errors.ts'
import { findSessionById } from './sessions.queries.ts'
import { amountsOf, voucherChainId } from './sessions.rules.ts'
import { settleWhenDue } from './settlement.service.ts'
import { loadSignatureRules } from './voucher-signature.ts'
import { chargeSession, type Charged, type NewVoucher } from './vouchers.queries.ts'

/**
 * Charges a session what the plugin costs. The wallet's signature is the credential, and the nonce makes
 * it good for one charge.
 *
 * @throws VoucherRefused with a code for each reason.
 */
export async function submitVoucher({ platform }: Context, input: SubmitVoucher): Promise<VoucherAccepted> {
  const { sessionId, plugin, nonce, signature } = input
  const price = pluginPriceOf(plugin)
  if (!price) throw new VoucherRefused('UNKNOWN_PLUGIN')
  const { amountMicroUsd, description } = price
  const { recoverSigner } = await loadSignatureRules()
  const address = input.userAddress.toLowerCase()
  const signer = recoverSigner({ sessionId, plugin, amountMicroUsd, nonce }, voucherChainId(platform.env), signature)
  if (signer !== address) throw new VoucherRefused('SIGNATURE_INVALID')

  const voucher = { id: newId('voucher'), sessionId, address, nonce, amountMicroUsd, plugin, signature, serverId: null }
  const charged = await charge(platform.databases.system, voucher)
  await settleWhenDue(platform, sessionId, charged)
  return {
    success: true,
    session: { id: sessionId, ...amountsOf(charged), pendingVouchers: charged.pendingVouchers },
    voucher: { amount: formatUsd(amountMicroUsd), plugin, description },
  }
}

async function charge(systemDb: Context['db'], voucher: NewVoucher): Promise<Charged> {
  try {
    const charged = await chargeSession(systemDb, voucher)
    if (charged) return charged
  } catch (error) {
    if (isUniqueViolation(error)) throw new VoucherRefused('NONCE_USED')
    throw error
  }
  throw new VoucherRefused(await findProblem(systemDb, voucher))
}

/** Why a session was not charged. */
async function findProblem(systemDb: Context['db'], { sessionId, address }: NewVoucher): Promise<VoucherProblem> {
  const session = await findSessionById(systemDb, sessionId)
  if (!session) return 'SESSION_NOT_FOUND'
  if (session.address !== address) return 'ADDRESS_MISMATCH'
  return session.status === 'active' ? 'INSUFFICIENT_BALANCE' : 'SESSION_NOT_ACTIVE'
}
