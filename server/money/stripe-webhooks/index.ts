export { checkStripe, handleEventsSince, LISTED_DAYS, sweepStripe } from './sweep.service.ts'
