import { AppError } from '#server/platform/core/index.ts'
import { formatTokenUnits, USDC_DECIMALS, type TokenUnits } from '#server/platform/money/index.ts'

const usdc = (units: TokenUnits): string => formatTokenUnits(units, USDC_DECIMALS, 2)

export class BookingNotFound extends AppError {
  constructor() {
    super('not_found', 'BOOKING_NOT_FOUND', 'There is no such booking.')
  }
}

/** Its money was released before; a booking is paid out once. */
export class BookingPaidOut extends AppError {
  constructor() {
    super('conflict', 'BOOKING_PAID_OUT', 'The booking was already paid out.')
  }
}

export class EscrowMissing extends AppError {
  constructor() {
    super('conflict', 'ESCROW_MISSING', 'The booking has no address that holds its money yet. Create one first.')
  }
}

/** `details`: USDC that are `needed` to pay everybody and the fees, and those that were `received`. */
export class BookingNotFunded extends AppError {
  constructor(received: TokenUnits, needed: TokenUnits) {
    const details = { received: usdc(received), needed: usdc(needed) }
    super('conflict', 'BOOKING_NOT_FUNDED', `The booking needs ${details.needed} USDC, of which ${details.received} have arrived.`, details)
  }
}
