export { askStripe, findAtStripe } from './ask-stripe.ts'
export { requireStripe } from './client.ts'
export { readEvent, type Delivery } from './read-event.ts'
export { NoCheckoutUrl, StripeFailed, StripeNotConfigured, StripeSignatureInvalid } from './stripe.errors.ts'
