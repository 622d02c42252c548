import { sendMessage, streamMessage } from '#server/chat/turns/index.ts'
import type { ChatReply } from '#server/chat/turns/chat.contract.ts'
import { type AccountContext, InvalidInput, newId } from '#server/platform/core/index.ts'
import type { ChatCompletionRequest, CompletionUsage } from '#server/models/completions/completions.contract.ts'
import { isVisible } from '#server/platform/core/texts.contract.ts'
import { estimateTokens, promptLength } from '#server/models/completions/index.ts'
import type { ChatCompletion, ChatCompletionChunk } from './openai.contract.ts'

const PREFIX = 'agent:'

export const isAgentModel = (model: string): boolean => model.startsWith(PREFIX)

/**
 * Says the last message to one of the caller's agents. The agent keeps the conversation itself, so what
 * came before the last message is not sent again; tools and sampling are the agent's own.
 *
 * @throws InvalidInput when the last message is not a text of the user's; what sendMessage throws.
 */
export async function completeWithAgent(ctx: AccountContext, request: ChatCompletionRequest): Promise<ChatCompletion> {
  const reply = await sendMessage(ctx, toMessage(request))
  const { reply: content } = reply
  return {
    ...newHead(request),
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: usageOf(request, reply),
  }
}

/** The answer of an agent in chunks, as it writes. */
export async function* streamWithAgent(ctx: AccountContext, request: ChatCompletionRequest): AsyncGenerator<ChatCompletionChunk> {
  const head = { ...newHead(request), object: 'chat.completion.chunk' as const }
  // Who speaks is said with the first piece: with a chunk before it, a refusal would have no status any more.
  let opening: Record<string, unknown> = { role: 'assistant', content: '' }
  const chunk = (said: Record<string, unknown>, finish_reason: string | null = null): ChatCompletionChunk => {
    const delta = { ...opening, ...said }
    opening = {}
    return { ...head, choices: [{ index: 0, delta, finish_reason }] }
  }
  for await (const event of streamMessage(ctx, toMessage(request))) {
    if (event.type === 'reasoning') yield chunk({ reasoning_content: event.text })
    if (event.type === 'delta') yield chunk({ content: event.text })
    if (event.type === 'done') yield { ...chunk({}, 'stop'), usage: usageOf(request, event) }
  }
}

const newHead = ({ model }: ChatCompletionRequest) => ({ id: `chat${newId('completion')}`, created: Math.floor(Date.now() / 1000), model })

const MAX_CHARACTERS = 32_000

function toMessage({ model, messages, tools }: ChatCompletionRequest) {
  if (tools && tools.length > 0) throw new InvalidInput([{ field: 'tools', message: 'an agent has tools of its own' }])
  const at = messages.length - 1
  const { role, content } = messages[at]!
  const text = Array.isArray(content) ? content.map((part) => (typeof part.text === 'string' ? part.text : '')).join('') : (content ?? '')
  if (role !== 'user' || !isVisible(text) || text.length > MAX_CHARACTERS)
    throw new InvalidInput([
      { field: `messages.${at}`, message: `an agent expects a last message of the user, of 1 to ${MAX_CHARACTERS} characters` },
    ])
  return { agentId: model.slice(PREFIX.length), message: text }
}

/** As the provider counted; where it did not, estimated and said so. */
function usageOf(request: ChatCompletionRequest, { usage, reply }: ChatReply): CompletionUsage {
  const prompt = usage.inputTokens ?? estimateTokens(promptLength(request))
  const completion = usage.outputTokens ?? estimateTokens(reply.length)
  const isEstimated = usage.inputTokens === null || usage.outputTokens === null || usage.estimatedCalls > 0
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(usage.cost === null || usage.unpricedCalls > 0 ? {} : { cost: usage.cost }),
    ...(isEstimated ? { estimated: true as const } : {}),
  }
}
