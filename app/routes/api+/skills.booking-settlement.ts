import { describeBookingSettlement, settleBooking } from '#server/money/bookings/bookings.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: describeBookingSettlement, POST: settleBooking })
export const action = loader
