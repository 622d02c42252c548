export { askStripe, findAtStripe } from './ask-stripe.ts'
export { requireStripe } from './client.ts'
export { readEvent } from './read-event.ts'
export { NoCheckoutUrl } from './stripe.errors.ts'
