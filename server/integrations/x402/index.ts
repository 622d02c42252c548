export { FacilitatorUnavailable } from './facilitator.errors.ts'
export { type SignedPayment, settlePayment, verifyPayment } from './facilitator.ts'
