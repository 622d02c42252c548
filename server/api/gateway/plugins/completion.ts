import { completeText, streamText, type TextCompletion, type TextRequest } from '#server/models/completions/index.ts'
import { payerOf } from './payer.ts'
import type { PluginContext, PluginResult } from './plugin.ts'

/** A call has a fixed price, so there is an end to its answer. */
const MAX_TOKENS = 2048

type Request = Pick<TextRequest, 'messages' | 'model'>

/** Lets a model go on with a conversation. */
export const complete = async (ctx: PluginContext, request: Request): Promise<PluginResult> =>
  toResult(await completeText(payerOf(ctx), { ...request, ...limitsOf(ctx) }))

/** Lets a model go on with a conversation, bit by bit. */
export async function* streamCompletion(ctx: PluginContext, request: Request): AsyncGenerator<string, PluginResult> {
  for await (const event of streamText(payerOf(ctx), { ...request, ...limitsOf(ctx) })) {
    if (event.type === 'done') return toResult(event)
    yield event.text
  }
  throw new Error('the stream of a model ended without saying so')
}

/** A model must not cost more than the call brings in; a plan has limits of its own. */
const limitsOf = ({ isInPlan, priceMicroUsd }: PluginContext) => ({
  maxTokens: MAX_TOKENS,
  ...(isInPlan ? {} : { mostCostNanoUsd: priceMicroUsd * 1000 }),
})

const toResult = ({ text, model, usage, costNanoUsd }: TextCompletion): PluginResult => ({
  message: text,
  data: { model, usage },
  usage: { model, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, costNanoUsd },
})
