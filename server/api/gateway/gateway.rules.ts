import type { Env } from '#server/platform/core/index.ts'
import { pluginFieldNames, type PaymentMethod, type RouteRequest } from './gateway.contract.ts'

export const DEFAULT_PLUGIN = 'agent'

/** How a call is paid: as it says, else by what it brings along. */
export function choosePaymentMethod({ paymentMethod, paymentCredential, paymentSignature, sessionId }: RouteRequest): PaymentMethod {
  if (paymentMethod) return paymentMethod
  if (paymentCredential) return 'mpp'
  if (paymentSignature) return 'x402'
  return sessionId ? 'session' : 'stripe'
}

/** Whether calls can be paid by MPP; the configuration has made sure that a chain goes with the recipient. */
export const takesMpp = ({ MPP_RECIPIENT }: Pick<Env, 'MPP_RECIPIENT'>): boolean => MPP_RECIPIENT !== undefined

/** Whether calls can be paid by x402; the configuration has made sure that a facilitator goes with the recipient. */
export const takesX402 = ({ X402_RECIPIENT }: Pick<Env, 'X402_RECIPIENT'>): boolean => X402_RECIPIENT !== undefined

/** What of a request is for the plugin. */
export const pluginInput = (request: RouteRequest): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(request).filter(([name, value]) => pluginFieldNames.includes(name) && value !== undefined)),
  ...request.fields,
})
