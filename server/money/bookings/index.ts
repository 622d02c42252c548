export { watchBookings } from './deposits.service.ts'
export { settleBookings } from './settle.service.ts'
