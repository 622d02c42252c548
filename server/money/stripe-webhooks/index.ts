export { handleEvent } from './handle-event.service.ts'
export { checkStripe, handleEventsSince, LISTED_DAYS, sweepStripe } from './sweep.service.ts'
