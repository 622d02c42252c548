import { privateKeyToAccount } from 'viem/accounts'
import { voucherTypedData, type SignedVoucher } from '../../server/money/payments/voucher-signature.rules.ts'

/** Of the test chains: everybody knows its key. */
export const wallet = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')

const TEMPO_MAIN = 4217
let nonces = 0

/** A voucher as its sender submits it, signed by the wallet for the price of an agent call. */
export async function signVoucher(sessionId: string, fields: Partial<SignedVoucher> = {}, signer = wallet, chainId = TEMPO_MAIN) {
  const signed = { sessionId, plugin: 'agent', amountMicroUsd: 50_000, nonce: `n-${++nonces}`, ...fields }
  const signature = await signer.signTypedData(voucherTypedData(signed, chainId))
  return { sessionId, userAddress: signer.address as string, plugin: signed.plugin, nonce: signed.nonce, signature: signature as string }
}

/** Headers that pay for one call of the gateway out of a session, with nobody signed in. */
export async function voucherHeaders(
  sessionId: string,
  call: Pick<SignedVoucher, 'plugin' | 'amountMicroUsd'>,
  chainId = TEMPO_MAIN,
): Promise<Record<string, string>> {
  const { userAddress, nonce, signature } = await signVoucher(sessionId, call, wallet, chainId)
  return { 'x-session-id': sessionId, 'x-wallet-address': userAddress, 'x-voucher-nonce': nonce, 'x-voucher-signature': signature }
}
