export { forgetOldStripeEvents, isRecorded, recordEvent } from './events.service.ts'
export { look } from './looks.service.ts'
