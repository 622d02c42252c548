export { handleEvent, heardTypes } from './handle-event.service.ts'
export { checkStripe, sweepStripe } from './sweep.service.ts'
export { verifyBilling } from './verify.service.ts'
