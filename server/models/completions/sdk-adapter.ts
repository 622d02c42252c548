import { newId } from '#server/platform/core/index.ts'
import type { AnswerPart, ChatCall, ChatAdapter, TokenCount } from './chat-adapter.ts'
import { readFinish, UnusableAnswer } from './generate.failure.ts'
import { type ModelUsage, type StreamPart, modelOf } from '../catalogue/index.ts'
import { toCallOptions } from './sdk-prompt.rules.ts'

/** Anthropic's API demands a limit, and its package knows one only for the models it knows. */
const ANTHROPIC_MAX_OUTPUT_TOKENS = 4096

/** For models that do not speak the OpenAI protocol: the AI SDK's model objects translate. */
export const sdkAdapter: ChatAdapter = {
  async complete(call) {
    const { content, finishReason, usage } = await modelOf(call.env, call.route).doGenerate(optionsOf(call))
    const problem = readFinish(finishReason)
    if (problem) throw new UnusableAnswer(problem)
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    const calls = content.filter((part) => part.type === 'tool-call').map(toToolCall)
    const message = {
      role: 'assistant' as const,
      content: text || calls.length === 0 ? text : null,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    }
    return { ...newHead(), choices: [{ index: 0, message, finish_reason: finishWord(finishReason.unified) }], count: toCount(usage) }
  },

  async *stream(call) {
    const { stream } = await modelOf(call.env, call.route).doStream(optionsOf(call))
    const head = newHead()
    const reader = stream.getReader()
    let isFinished = false
    let toolCalls = 0
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        const part = read.value
        if (part.type === 'error') throw part.error
        if (part.type === 'finish') {
          const problem = readFinish(part.finishReason)
          if (problem) throw new UnusableAnswer(problem)
          isFinished = true
        }
        yield* toParts(part, head, part.type === 'tool-call' ? toolCalls++ : 0)
      }
    } finally {
      // Closes the connection when the answer was not read to its end. A failed stream rejects this, having nothing to close.
      reader.cancel().catch(() => undefined)
    }
    if (!isFinished) throw new UnusableAnswer('broke off in the middle of its answer')
  },
}

function optionsOf({ request, route, signal }: ChatCall) {
  const options = toCallOptions(request)
  if (route.provider === 'anthropic') options.maxOutputTokens ??= ANTHROPIC_MAX_OUTPUT_TOKENS
  return { ...options, abortSignal: signal }
}

const newHead = () => ({ id: `chat${newId('completion')}`, created: Math.floor(Date.now() / 1000) })

function* toParts(part: StreamPart, head: { id: string; created: number }, index: number): Generator<AnswerPart> {
  const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null): AnswerPart => ({
    chunk: { ...head, choices: [{ index: 0, delta, finish_reason }] },
  })
  if (part.type === 'stream-start') yield chunk({ role: 'assistant', content: '' })
  if (part.type === 'text-delta') yield chunk({ content: part.delta })
  if (part.type === 'tool-call') yield chunk({ tool_calls: [{ index, ...toToolCall(part) }] })
  if (part.type !== 'finish') return
  yield chunk({}, finishWord(part.finishReason.unified))
  yield { count: toCount(part.usage) }
}

const toToolCall = ({ toolCallId, toolName, input }: { toolCallId: string; toolName: string; input: string }) => ({
  id: toolCallId,
  type: 'function' as const,
  function: { name: toolName, arguments: input },
})

/** The words of the OpenAI API. */
const finishWord = (reason: string): string =>
  ({ 'tool-calls': 'tool_calls', 'content-filter': 'content_filter', length: 'length' })[reason] ?? 'stop'

const toCount = ({ inputTokens, outputTokens }: ModelUsage): TokenCount => ({
  inputTokens: inputTokens.total ?? null,
  outputTokens: outputTokens.total ?? null,
})
