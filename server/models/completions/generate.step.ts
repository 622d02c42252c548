import { readFinish, UnusableAnswer } from './generate.failure.ts'
import { parseToolInput } from './generate.tools.ts'
import type { AssistantPart, CallOptions, ModelObject, ModelUsage, StreamPart, ToolCall } from '../catalogue/index.ts'

/** One model call: what goes back into the prompt for the next one, and what it cost. */
export interface Step {
  text: string
  content: AssistantPart[]
  toolCalls: ToolCall[]
  finishReason: string
  usage: ModelUsage
  latencyMs: number
  firstTokenMs: number | null
}

/**
 * Calls the model once and yields the text as it arrives.
 *
 * It reads the model object's own stream: the transforms that `streamText` puts behind it take
 * another half a millisecond of processor time per call.
 *
 * @throws UnusableAnswer for a stream without an end, and whatever the provider package throws or sends as an error.
 */
export async function* streamStep(model: ModelObject, options: CallOptions): AsyncGenerator<{ type: 'delta'; text: string }, Step> {
  const startedAt = performance.now()
  let firstTokenMs: number | null = null
  let finish: Extract<StreamPart, { type: 'finish' }> | undefined
  let text = ''
  const message = new MessageCollector()
  const { stream } = await model.doStream(options)
  const reader = stream.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const part = read.value
      if (part.type === 'error') throw part.error
      if (part.type === 'finish') finish = part
      message.add(part)
      if (part.type !== 'text-delta' || part.delta === '') continue
      firstTokenMs ??= performance.now() - startedAt
      text += part.delta
      yield { type: 'delta', text: part.delta }
    }
  } finally {
    // Closes the connection when the answer was not read to its end. A failed stream rejects this, having nothing to close.
    reader.cancel().catch(() => undefined)
  }
  if (!finish) throw new UnusableAnswer('broke off in the middle of its answer')
  const problem = readFinish(finish.finishReason)
  if (problem) throw new UnusableAnswer(problem)
  const { content, toolCalls } = message
  return {
    text,
    content,
    toolCalls,
    finishReason: finish.finishReason.unified,
    usage: finish.usage,
    latencyMs: performance.now() - startedAt,
    firstTokenMs,
  }
}

type OpenPart = Extract<AssistantPart, { type: 'text' | 'reasoning' }>

/**
 * Puts the assistant's message together from stream parts. Reasoning is kept, with what the provider
 * attached to it, because some models refuse a tool result whose reasoning is missing.
 */
class MessageCollector {
  readonly content: AssistantPart[] = []
  readonly toolCalls: ToolCall[] = []
  readonly #open = new Map<string, OpenPart>()

  add(part: StreamPart): void {
    switch (part.type) {
      case 'text-start':
        return this.#start(part.id, { type: 'text', text: '', providerOptions: part.providerMetadata })
      case 'reasoning-start':
        return this.#start(part.id, { type: 'reasoning', text: '', providerOptions: part.providerMetadata })
      case 'text-delta':
      case 'reasoning-delta':
        return this.#extend(part.id, part.delta, part.providerMetadata)
      case 'text-end':
      case 'reasoning-end':
        return this.#extend(part.id, '', part.providerMetadata)
      case 'tool-call':
        return this.#call(part)
    }
  }

  #start(id: string, part: OpenPart): void {
    this.#open.set(id, part)
    this.content.push(part)
  }

  #extend(id: string, delta: string, metadata: OpenPart['providerOptions']): void {
    const part = this.#open.get(id)
    if (!part) return
    part.text += delta
    part.providerOptions = metadata ?? part.providerOptions
  }

  #call(part: ToolCall): void {
    const { toolCallId, toolName, providerMetadata } = part
    const input = parseToolInput(part.input)
    this.toolCalls.push(part)
    // Providers take only an object back; that the model wrote something else it learns from the tool's result.
    const sentBack = typeof input === 'object' && input !== null ? input : {}
    this.content.push({ type: 'tool-call', toolCallId, toolName, input: sentBack, providerOptions: providerMetadata })
  }
}
