import type { Fees } from '#server/integrations/chains/index.ts'

export type { Fees, SignedTransaction } from '#server/integrations/chains/index.ts'

/** A node takes the place of a transaction only with one that offers a tenth more of both; this is some more than that. */
const RAISE_PERCENT = 115n

/** Most transactions that are signed for one nonce: the last one offers about three and a half times of the first. */
export const MAX_TRANSACTIONS = 10

/** What another transaction of the same nonce has to offer to be taken instead: more than the old one, and what is asked for now. */
export function raisedFees(old: Fees, present: Fees): Fees {
  const raised = (value: bigint) => (value * RAISE_PERCENT) / 100n + 1n
  return {
    gas: larger(old.gas, present.gas),
    maxFeePerGas: larger(raised(old.maxFeePerGas), present.maxFeePerGas),
    maxPriorityFeePerGas: larger(raised(old.maxPriorityFeePerGas), present.maxPriorityFeePerGas),
  }
}

/** Most a transaction costs, in wei, without what it sends. */
export const highestFee = ({ gas, maxFeePerGas }: Fees): bigint => gas * maxFeePerGas

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** What an address has, or needs, in wei and in the smallest unit of a token. */
export interface Funds {
  native: bigint
  token: bigint
}

/** What a transfer needs: what it sends and, in wei, what its transaction may cost. */
export const neededFunds = ({ token, amount }: { token: string | null; amount: bigint }, feeWei: bigint): Funds =>
  token === null ? { native: amount + feeWei, token: 0n } : { native: feeWei, token: amount }

/** What is missing for a transfer, as a sentence; undefined when nothing is. */
export function shortageOf(held: Funds, needed: Funds, sendsToken: boolean): string | undefined {
  if (held.token < needed.token) return 'The balance of the address does not cover the transfer.'
  if (held.native >= needed.native) return undefined
  return sendsToken
    ? 'The address has too little ether to pay the gas of the transfer.'
    : 'The balance of the address does not cover the transfer and its gas.'
}
