import { z } from 'zod'
import type { AppError, ErrorKind } from '#server/platform/core/index.ts'
import { bind, prefers, type Preflight, type RestRequest, weightOf } from '#server/platform/operations/index.ts'
import * as contract from './gateway.contract.ts'
import { gateway } from './gateway.operations.ts'
import { takesMpp } from './gateway.rules.ts'
import { canStream } from './gateway.service.ts'

const tag = 'gateway'

/** Codes of failures that have a word of their own in the gateway's documentation. */
const documentedCodes = new Set([
  'payment_required',
  'session_required',
  'session_invalid',
  'insufficient_balance',
  'voucher_failed',
  'unknown_plugin',
  'no_plugin',
])

/** The word for every other failure, by its kind. */
const wordOf: Partial<Record<ErrorKind, string>> = { unauthenticated: 'Unauthorized' }

/** On the gateway `error` is a word for programs, and `message` is for people. */
function writeError({ kind, code, message, details }: AppError): Record<string, unknown> {
  const word = code.toLowerCase()
  return { ...details, error: documentedCodes.has(word) ? word : (wordOf[kind] ?? kind), message, code: code.toUpperCase() }
}

const UsdAmount = z.string()

const GatewayError = z
  .looseObject({
    error: z
      .string()
      .min(1)
      .describe(
        `A word for programs: ${[...documentedCodes, 'Unauthorized'].join(', ')}, or the kind of failure, such as \`invalid_input\`.`,
      ),
    message: z.string().optional().describe('What went wrong, for people.'),
    code: z.string().optional().describe('The code this failure has elsewhere.'),
    mpp: z
      .object({
        scheme: z.literal('Payment'),
        amount: UsdAmount,
        currency: z.string(),
        recipient: z.string(),
        description: z.string(),
        nonce: z.string(),
        expiresAt: z.int().min(0).describe('Unix time in milliseconds.'),
      })
      .optional()
      .describe('With payment_required, on a server that takes MPP payments: what to pay, and to whom.'),
    x402: z
      .looseObject({
        x402Version: z.literal(2),
        accepts: z.array(z.looseObject({ amount: z.string(), asset: z.string(), payTo: z.string() })),
      })
      .optional()
      .describe('With payment_required, on a server that takes x402 payments: what the header PAYMENT-REQUIRED has in base64.'),
    stripe: z
      .object({ checkoutUrl: z.string(), amount: UsdAmount, currency: z.literal('usd') })
      .optional()
      .describe('With payment_required.'),
    payment: z
      .object({
        method: contract.PaymentMethod,
        receipt: z
          .string()
          .nullable()
          .describe('Hash of the transaction that was sent (mpp, x402); null where nothing was, or nobody knows.'),
        isCharged: z.literal(false).describe('A call that fails costs nothing.'),
        isConfirmed: z.boolean().optional().describe('Whether the money has arrived; else it was sent, and nothing is known of it yet.'),
        staysGood: z.literal(true).optional().describe('The same credential gets the call done without paying again.'),
      })
      .optional()
      .describe('With a call that failed after its transaction was sent, and in a stream that failed after its first piece.'),
    session: z.object({ remaining: UsdAmount, cost: UsdAmount }).optional().describe('With insufficient_balance.'),
  })
  .meta({ id: 'GatewayError' })

const headerNames: Record<string, string> = {
  paymentMethod: 'X-Payment-Method',
  sessionId: 'X-Session-Id',
  walletAddress: 'X-Wallet-Address',
  voucherNonce: 'X-Voucher-Nonce',
  voucherSignature: 'X-Voucher-Signature',
  paymentCredential: 'Authorization',
  paymentSignature: 'PAYMENT-SIGNATURE',
}

const chosenPlugin = ({ header, body }: RestRequest): unknown => header('x-plugin-id') || (body as { plugin?: unknown }).plugin

/** The credential of `Authorization: Payment ...`; other schemes say who calls. */
const credentialOf = (authorization: string | null): string | undefined => /^payment\s+(.+)$/is.exec(authorization ?? '')?.[1]

function readRequest(request: RestRequest): unknown {
  const { header } = request
  const { plugin: _plugin, ...body } = request.body as Record<string, unknown>
  const [known, others] = [true, false].map((isKnown) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => contract.pluginFieldNames.includes(name) === isKnown)),
  )
  return {
    ...known,
    fields: others,
    plugin: chosenPlugin(request),
    paymentMethod: header('x-payment-method') || undefined,
    paymentCredential: credentialOf(header('authorization')),
    paymentSignature: header('payment-signature') || undefined,
    sessionId: header('x-session-id') || undefined,
    walletAddress: header('x-wallet-address') || undefined,
    voucherNonce: header('x-voucher-nonce') || undefined,
    voucherSignature: header('x-voucher-signature') || undefined,
  }
}

function isStreamWanted(request: RestRequest): boolean {
  const plugin = chosenPlugin(request)
  return prefers(request.header('accept'), 'text/event-stream') && canStream(typeof plugin === 'string' ? plugin : undefined)
}

const withoutType = ({ type: _type, ...data }: Record<string, unknown>): unknown => data

/** Lets a client see that the server takes MPP payments before it pays. */
const preflight: Preflight = {
  id: 'getGatewayOptions',
  tag,
  summary: 'CORS preflight and MPP discovery',
  headers: ({ env }, header) => ({
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers':
      'Content-Type, Authorization, X-Plugin-Id, Payment, PAYMENT-SIGNATURE, X-Payment-Method, X-Session-Id, X-Wallet-Address, X-Voucher-Nonce, X-Voucher-Signature',
    // A page is answered by its own origin; whoever only looks is told which pages may call in any case.
    ...(header('origin') ? {} : { 'access-control-allow-origin': new URL(env.APP_URL).origin }),
    ...(takesMpp(env) && weightOf(header('accept'), 'application/json') > 0 ? { 'www-authenticate': 'Payment' } : {}),
  }),
}

export const gatewayRest = {
  plugins: bind({
    id: 'listGatewayPlugins',
    tag,
    operation: gateway.plugins,
    output: z.object({ plugins: contract.GatewayPluginList }),
    body: (plugins) => ({ plugins }),
  }),
  calls: bind({
    id: 'listGatewayCalls',
    tag,
    operation: gateway.calls,
    output: z.object({ calls: contract.GatewayCallList }),
    body: (calls) => ({ calls }),
    errors: [401, 404],
  }),
  route: bind({
    id: 'routeGatewayRequest',
    tag,
    operation: gateway.route,
    stream: gateway.stream,
    isStreamWanted,
    streamFormat: {
      data: (event) => withoutType(event as Record<string, unknown>),
      error: writeError,
      end: '[DONE]',
    },
    input: readRequest,
    headersOf: ({ plugin, payment }) => ({ 'x-plugin-id': plugin, ...(payment.receipt ? { 'payment-receipt': payment.receipt } : {}) }),
    fieldName: (field) => headerNames[field] ?? field.replace(/^fields\./, ''),
    writeError,
    errorSchema: GatewayError,
    document: { body: contract.GatewayRequest },
    errors: [401, 402, 404, 502, 503],
  }),
  preflight,
}
