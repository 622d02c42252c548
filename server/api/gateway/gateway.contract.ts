import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'
import { MAX_MESSAGES, TextMessage } from '#server/models/completions/completions.contract.ts'

export const ListPlugins = Nothing

export const GatewayPlugin = z
  .object({
    id: z.string(),
    description: z.string(),
    priceUsd: z.string().describe('US dollars per call.'),
    auth: z.boolean().describe('Whether it asks for sign-in; paying by MPP or session does instead.'),
    streaming: z.boolean().describe('Whether it can answer bit by bit.'),
  })
  .meta({ id: 'GatewayPlugin' })
export type GatewayPlugin = z.infer<typeof GatewayPlugin>
export const GatewayPluginList = z.array(GatewayPlugin)

export const PaymentMethod = z.enum(['stripe', 'mpp', 'session']).meta({ id: 'PaymentMethod' })
export type PaymentMethod = z.infer<typeof PaymentMethod>

/** What the plugins of this server take. Each checks what it needs of it. */
const pluginFields = {
  messages: z
    .array(TextMessage, 'expected a list of messages')
    .max(MAX_MESSAGES)
    .optional()
    .describe('For `agent` and `generate-text`.'),
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
  paymentMethod: PaymentMethod.optional().describe('Left out: mpp with a credential, session with a session, else stripe.'),
  paymentCredential: z.string().min(1).optional().describe('Pays by MPP: the credential as JSON, as in `Authorization: Payment`.'),
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

export const GatewayResponse = z
  .object({
    plugin: z.string().describe('Plugin that did the work.'),
    message: z.string().describe('The answer in words: the reply, the generated text, the transcript, or the text that is spoken.'),
    timestamp,
    payment: z
      .object({
        method: PaymentMethod,
        receipt: z.string().nullable().describe('Hash of the transaction (mpp), `session:<id>:<voucher>` (session), or null (stripe).'),
      })
      .meta({ id: 'GatewayPayment' }),
    data: z.record(z.string(), z.unknown()).optional().describe('The answer for programs, such as usage or sound.'),
  })
  .meta({ id: 'GatewayResponse' })
export type GatewayResponse = z.infer<typeof GatewayResponse>

export const GatewayDelta = z.object({ type: z.literal('delta'), text: z.string() }).meta({ id: 'GatewayDelta' })
export const GatewayDone = z.object({ type: z.literal('done'), ...GatewayResponse.shape }).meta({ id: 'GatewayDone' })

/** Pieces of the answer, then the whole; a failure ends the stream with the door's own kind of error. */
export const GatewayEvent = z.union([GatewayDelta, GatewayDone]).meta({ id: 'GatewayEvent' })
export type GatewayEvent = z.infer<typeof GatewayEvent>
