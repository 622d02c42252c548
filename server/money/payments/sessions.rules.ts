import { formatUsd } from '#server/platform/money/index.ts'
import type { Env } from '#server/platform/core/index.ts'

/** Charges of a session are settled when they reach this sum, or an hour has passed since the last time. */
export const SETTLE_AT_MICRO_USD = 5_000_000
export const SETTLE_EVERY_SECONDS = 60 * 60

/** A charge for a call that was neither captured nor released after this long is given back though its server lives: longer than any call takes. */
export const UNCAPTURED_SECONDS = 2 * 60 * 60

const TEMPO = { main: 4217, test: 42_431 }

/** The chain vouchers are signed for: one for the test network is worth nothing on the main one. */
export const voucherChainId = ({ TEMPO_TESTNET }: Pick<Env, 'TEMPO_TESTNET'>): number => (TEMPO_TESTNET ? TEMPO.test : TEMPO.main)

/** The sums of a session, in millionths of a US dollar. */
export interface SessionSums {
  depositMicroUsd: number
  spentMicroUsd: number
  settledMicroUsd: number
}

export const remainingOf = ({ depositMicroUsd, spentMicroUsd }: SessionSums): number => depositMicroUsd - spentMicroUsd
export const pendingOf = ({ spentMicroUsd, settledMicroUsd }: SessionSums): number => spentMicroUsd - settledMicroUsd

/** The sums a caller sees, as decimals. */
export const amountsOf = (sums: SessionSums) => ({ spent: formatUsd(sums.spentMicroUsd), remaining: formatUsd(remainingOf(sums)) })
