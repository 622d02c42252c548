import { divide, shareOf, type TokenUnits } from '#server/platform/money/index.ts'

/** Half a percent of what is paid out. */
const TRANSACTION_BASIS_POINTS = 50
/** One percent of the guarantee of a booking. */
const ESCROW_BASIS_POINTS = 100

/** Fees of a booking, in millionths of a USDC. They come on top of what is paid out. */
export interface BookingFees {
  transactionUnits: TokenUnits
  escrowUnits: TokenUnits
}

export const noFees: BookingFees = { transactionUnits: 0n, escrowUnits: 0n }

/** What a server that takes fees takes of a booking. */
export const bookingFees = ({ guaranteeUnits, backendUnits }: { guaranteeUnits: TokenUnits; backendUnits: TokenUnits }): BookingFees => ({
  transactionUnits: shareOf(guaranteeUnits + backendUnits, TRANSACTION_BASIS_POINTS),
  escrowUnits: shareOf(guaranteeUnits, ESCROW_BASIS_POINTS),
})

/** What a server that takes fees takes of a split; it is taken out of the amount, before that is shared. */
export const splitFee = (amountUnits: TokenUnits): TokenUnits => shareOf(amountUnits, TRANSACTION_BASIS_POINTS)

/** What each of several people gets of an amount, exactly. @param basisPoints Their shares; together the whole. */
export const sharesOf = (amountUnits: TokenUnits, basisPoints: readonly number[]): TokenUnits[] => divide(amountUnits, basisPoints)
