import type Stripe from 'stripe'

/**
 * The part of Stripe this server and its tests use, and the parameters of each operation as the SDK declares them. The tree of parameters that the
 * fake checks requests by is made from this; `npm run generate` writes it anew.
 */
export interface StripeOperations {
  'POST /v1/customers': Stripe.CustomerCreateParams
  'GET /v1/customers/{id}': Stripe.CustomerRetrieveParams
  'POST /v1/checkout/sessions': Stripe.Checkout.SessionCreateParams
  'GET /v1/checkout/sessions/{id}': Stripe.Checkout.SessionRetrieveParams
  'GET /v1/checkout/sessions': Stripe.Checkout.SessionListParams
  'POST /v1/checkout/sessions/{id}/expire': Stripe.Checkout.SessionExpireParams
  'POST /v1/billing_portal/sessions': Stripe.BillingPortal.SessionCreateParams
  'GET /v1/subscriptions/{id}': Stripe.SubscriptionRetrieveParams
  'GET /v1/subscriptions': Stripe.SubscriptionListParams
  'POST /v1/subscriptions/{id}': Stripe.SubscriptionUpdateParams
  'DELETE /v1/subscriptions/{id}': Stripe.SubscriptionCancelParams
  'POST /v1/products': Stripe.ProductCreateParams
  'GET /v1/prices/{id}': Stripe.PriceRetrieveParams
  'GET /v1/invoices/{id}': Stripe.InvoiceRetrieveParams
  'GET /v1/invoices': Stripe.InvoiceListParams
  'GET /v1/payment_intents/{id}': Stripe.PaymentIntentRetrieveParams
  'GET /v1/charges/{id}': Stripe.ChargeRetrieveParams
  'POST /v1/refunds': Stripe.RefundCreateParams
  'GET /v1/disputes': Stripe.DisputeListParams
  'GET /v1/events': Stripe.EventListParams
  'POST /v1/test_helpers/test_clocks': Stripe.TestHelpers.TestClockCreateParams
  'GET /v1/test_helpers/test_clocks/{id}': Stripe.TestHelpers.TestClockRetrieveParams
  'POST /v1/test_helpers/test_clocks/{id}/advance': Stripe.TestHelpers.TestClockAdvanceParams
}
