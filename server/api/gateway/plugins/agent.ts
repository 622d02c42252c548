import { z } from 'zod'
import type { ChatReply } from '#server/chat/turns/chat.contract.ts'
import { findSpeaker, sendMessage, sendPrepaidMessage, streamMessage, streamPrepaidMessage } from '#server/chat/turns/index.ts'
import { hasAccount, type AccountContext } from '#server/platform/core/index.ts'
import { nanoUsdOfNumber } from '#server/platform/money/index.ts'
import { AgentRequiresSignIn } from './plugin.errors.ts'
import { definePlugin, type PluginContext, type PluginResult } from './plugin.ts'
import { complete, streamCompletion } from './completion.ts'
import { lastQuestion, Messages } from './messages.ts'

const ASSISTANT = 'You are a helpful assistant. Answer briefly and to the point. You have no tools and remember no earlier conversations.'

const Input = z.object({
  messages: Messages,
  agentId: z.string('expected the id of an agent').min(1, 'expected the id of an agent').optional(),
})
type Input = z.output<typeof Input>

export const agentPlugin = definePlugin({
  id: 'agent',
  description: 'Asks an agent of yours; for a caller who has none, an assistant that remembers nothing answers.',
  priceMicroUsd: 50_000,
  input: Input,
  async run(ctx, input) {
    const agent = await findAgent(ctx, input)
    if (!agent) return complete(ctx, toAssistant(input))
    const send = ctx.isInPlan ? sendMessage : sendPrepaidMessage
    return toResult(await send(agent.ctx, agent.message))
  },
  async *stream(ctx, input) {
    const agent = await findAgent(ctx, input)
    if (!agent) return yield* streamCompletion(ctx, toAssistant(input))
    const send = ctx.isInPlan ? streamMessage : streamPrepaidMessage
    for await (const event of send(agent.ctx, agent.message)) {
      if (event.type === 'delta') yield event.text
      if (event.type === 'done') return toResult(event)
    }
    throw new Error('the stream of an agent ended without saying so')
  },
})

/** The agent that is meant and what to tell it. It keeps the conversation itself, so that is only what is new. @throws AgentRequiresSignIn; NoAgent for a caller whose agents are all down */
async function findAgent(
  ctx: PluginContext,
  { agentId, messages }: Input,
): Promise<{ ctx: AccountContext; message: { agentId: string; message: string } } | undefined> {
  if (!hasAccount(ctx)) {
    if (agentId) throw new AgentRequiresSignIn(agentId)
    return undefined
  }
  const found = agentId ?? (await findSpeaker(ctx))?.id
  return found ? { ctx, message: { agentId: found, message: lastQuestion(messages) } } : undefined
}

const toAssistant = ({ messages }: Input) => ({ messages: [{ role: 'system' as const, content: ASSISTANT }, ...messages] })

const toResult = ({ reply, agentId, sessionId, model, usage }: ChatReply): PluginResult => ({
  message: reply,
  data: { agentId, sessionId, model, usage },
  ...(model === null
    ? {}
    : {
        usage: {
          model,
          inputTokens: usage.inputTokens,
          outputTokens: usage.outputTokens,
          costNanoUsd: usage.cost === null || usage.unpricedCalls > 0 ? null : nanoUsdOfNumber(usage.cost),
        },
      }),
})
