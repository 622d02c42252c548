import type { Address } from 'viem'
import type { Platform } from '#server/platform/core/index.ts'
import { estimateFees, readBalances, readL1Fee, usdcAddress, type Fees, type Outgoing } from '#server/integrations/chains/index.ts'
import { highestFee, neededFunds, shortageOf, type Funds } from './transactions.rules.ts'

/** What a transfer would take. */
interface Plan {
  /** Undefined where the chain would refuse it, or there is too little to send. */
  fees?: Fees
  /** Most it would cost, in wei, with what Base takes for writing it to Ethereum. */
  feeWei?: bigint
  /** What stands in the way now, as a sentence. */
  obstacle?: string
}

/**
 * What a transfer would take, of an address that has so much.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function planWith(platform: Platform, from: Address, outgoing: Outgoing, held: Funds): Promise<Plan> {
  const isToken = outgoing.token !== null
  const tooLittle = shortageOf(held, neededFunds(outgoing, 0n), isToken)
  if (tooLittle) return { obstacle: tooLittle }
  const fees = await estimateFees(platform, from, outgoing)
  if ('refusal' in fees) return { obstacle: `The chain refuses the transfer: ${fees.refusal}` }
  const feeWei = highestFee(fees) + (await readL1Fee(platform))
  const obstacle = shortageOf(held, neededFunds(outgoing, feeWei), isToken)
  return { fees, feeWei, ...(obstacle === undefined ? {} : { obstacle }) }
}

/** The same by what the chain says that the address has. @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain */
export async function planTransfer(platform: Platform, from: Address, outgoing: Outgoing): Promise<Plan & { held: Funds }> {
  const held = await readBalances(platform, from, outgoing.token ?? usdcAddress(platform.env))
  return { ...(await planWith(platform, from, outgoing, held)), held }
}
