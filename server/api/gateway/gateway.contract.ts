import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'
import { MAX_MESSAGES, TextMessage } from '#server/models/completions/completions.contract.ts'

export const ListPlugins = Nothing

export const GatewayPlugin = z
  .object({
    id: z.string().describe('What calls name it by.'),
    description: z.string().describe('What it does.'),
    priceUsd: z.string().describe('US dollars per call.'),
    auth: z.boolean().describe('Whether it asks for sign-in; paying by MPP, x402 or session does instead.'),
    streaming: z.boolean().describe('Whether it can answer bit by bit.'),
  })
  .meta({ id: 'GatewayPlugin', description: 'A plugin of the gateway.' })
export type GatewayPlugin = z.infer<typeof GatewayPlugin>
export const GatewayPluginList = z.array(GatewayPlugin)

export const PaymentMethod = z.enum(['stripe', 'mpp', 'x402', 'session']).meta({
  id: 'PaymentMethod',
  description: 'How a call of the gateway is paid.',
  'x-enumDescriptions': {
    stripe: 'By the plan, or by credits that were bought.',
    mpp: 'By a transaction on the Tempo chain.',
    x402: 'By an authorization to move USDC on Base.',
    session: 'Out of a payment session.',
  },
})
export type PaymentMethod = z.infer<typeof PaymentMethod>

/** What the plugins of this server take. Each checks what it needs of it. */
const pluginFields = {
  messages: z.array(TextMessage, 'expected a list of messages').max(MAX_MESSAGES).optional().describe('For `agent` and `generate-text`.'),
  agentId: z.string('expected the id of an agent').optional().describe('For `agent`: which agent.'),
  model: z.string('expected the id of a model').optional().describe('For `generate-text`.'),
  text: z.string('expected a text').optional().describe('For `tts`.'),
  voice: z.string('expected the name of a voice').optional().describe('For `tts`.'),
  audio: z.string('expected a text in base64').optional().describe('For `stt`: the sound, base64.'),
}
export const pluginFieldNames: readonly string[] = Object.keys(pluginFields)

const plugin = z.string('expected the id of a plugin').optional()

/** The REST body: whatever is not documented goes to the plugin too. */
export const GatewayRequest = z
  .looseObject({ plugin: plugin.describe('The X-Plugin-Id header wins over it. Default `agent`.'), ...pluginFields })
  .meta({ id: 'GatewayRequest', description: 'Fields besides `plugin` go to the plugin as they are.' })

export const RouteRequest = z.object({
  plugin: plugin.describe('`agent` when left out.'),
  ...pluginFields,
  fields: z.record(z.string(), z.unknown()).optional().describe('Further fields, for plugins that take others than these.'),
  paymentMethod: PaymentMethod.optional().describe(
    'Left out: mpp with a credential, x402 with a signature, session with a session, else stripe.',
  ),
  paymentCredential: z.string().min(1).optional().describe('Pays by MPP: the credential as JSON, as in `Authorization: Payment`.'),
  paymentSignature: z.string().min(1).optional().describe('Pays by x402: base64 of the payment payload, as in `PAYMENT-SIGNATURE`.'),
  sessionId: z.string().min(1).optional().describe('Pays by session: its id.'),
  walletAddress: z.string().min(1).optional().describe('Pays by session: its wallet.'),
  voucherNonce: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Pays by session without its owner being signed in: the nonce of a voucher for this call.'),
  voucherSignature: z.string().min(1).optional().describe('The signature of that voucher, by the wallet, as in `submitVoucher`.'),
})
export type RouteRequest = z.infer<typeof RouteRequest>

const GatewayPayment = z
  .object({
    method: PaymentMethod,
    receipt: z.string().nullable().describe('Hash of the transaction (mpp, x402), `session:<id>:<voucher>` (session), or null (stripe).'),
  })
  .meta({ id: 'GatewayPayment', description: 'How a call was paid.' })

export const GatewayResponse = z
  .object({
    plugin: z.string().describe('Plugin that did the work.'),
    message: z.string().describe('The answer in words: the reply, the generated text, the transcript, or the text that is spoken.'),
    timestamp: timestamp.describe('When this answer was made.'),
    payment: GatewayPayment,
    data: z.record(z.string(), z.unknown()).optional().describe('The answer for programs, such as usage or sound.'),
  })
  .meta({ id: 'GatewayResponse', description: 'What a plugin answered.' })
export type GatewayResponse = z.infer<typeof GatewayResponse>

export const GatewayDelta = z
  .object({ type: z.literal('delta').describe('Always `delta`.'), text: z.string().describe('What it adds to the answer.') })
  .meta({ id: 'GatewayDelta', description: 'The next piece of an answer.' })
export const GatewayDone = z
  .object({ type: z.literal('done').describe('Always `done`.'), ...GatewayResponse.shape })
  .meta({ id: 'GatewayDone', description: 'The whole answer, at the end.' })

/** Pieces of the answer, then the whole; a failure ends the stream with the transport's own kind of error. */
export const GatewayEvent = z
  .union([GatewayDelta, GatewayDone])
  .meta({ id: 'GatewayEvent', description: 'What happens while a plugin answers.' })
export type GatewayEvent = z.infer<typeof GatewayEvent>

/** Most calls of an answer that is not read page by page. */
export const MAX_LISTED_CALLS = 100

export const ListCalls = z.object({
  sessionId: z
    .string()
    .min(1)
    .optional()
    .describe('Calls this payment session was to pay, whoever made them; your own calls when left out.'),
  historySignature: z
    .string()
    .regex(/^0x[0-9a-fA-F]{130}$/, 'expected a signature, 0x and 130 hex digits')
    .optional()
    .describe(
      'Shows that the session is yours when you are not signed in: EIP-712 signature of `History(string sessionId)` by the key of its wallet, in the domain of vouchers.',
    ),
})
export type ListCalls = z.infer<typeof ListCalls>

const tokens = z.int().min(0).nullable()
export const GatewayCall = z
  .object({
    id: z.string().describe('Its id.'),
    plugin: z.string().describe('Plugin that was called.'),
    timestamp: timestamp.describe('When it ended.'),
    payment: GatewayPayment,
    sessionId: z.string().nullable().describe('The payment session that was to pay; null for other ways to pay.'),
    priceUsd: z.string().describe('Price of the call, in US dollars.'),
    isCharged: z.boolean().describe('Whether the price was taken, or was part of a plan.'),
    outcome: z.enum(['answered', 'failed', 'aborted']).meta({
      id: 'GatewayCallOutcome',
      description: 'How a call of the gateway ended.',
      'x-enumDescriptions': {
        answered: 'The plugin answered.',
        failed: 'The plugin failed, or the money could not be taken.',
        aborted: 'The caller went away, or the server stopped.',
      },
    }),
    errorCode: z.string().nullable().describe('Code of the failure; null for a call that was answered.'),
    model: z.string().nullable().describe('Model that answered; null where none did.'),
    inputTokens: tokens.describe('Tokens that were sent to the model; null where nobody counted.'),
    outputTokens: tokens.describe('Tokens the model answered; null where nobody counted.'),
  })
  .meta({ id: 'GatewayCall', description: 'A call of the gateway, how it was paid and how it ended.' })
export type GatewayCall = z.infer<typeof GatewayCall>
export const GatewayCallList = z.array(GatewayCall).max(MAX_LISTED_CALLS)
