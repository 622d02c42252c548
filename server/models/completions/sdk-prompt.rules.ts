import { InvalidInput } from '#server/platform/core/index.ts'
import type { ChatCompletionRequest, ChatRequestMessage } from './completions.contract.ts'
import { parseToolInput } from './generate.tools.ts'
import type { CallOptions, OfferedTool, Prompt, PromptMessage } from '../catalogue/index.ts'

/** Parameters that only providers with the OpenAI protocol understand. */
const foreign = ['logprobs', 'top_logprobs', 'logit_bias', 'functions', 'function_call', 'audio', 'modalities', 'prediction']

/**
 * A chat request as the AI SDK's model objects take it.
 *
 * @throws InvalidInput for what they cannot take.
 */
export function toCallOptions(request: ChatCompletionRequest): Omit<CallOptions, 'abortSignal'> {
  const problem = foreign.find((name) => request[name] !== undefined && request[name] !== null)
  if (problem) throw new InvalidInput([{ field: problem, message: `"${request.model}" does not support it` }])
  const { messages, tools, response_format: format, stop, n } = request
  if (n !== undefined && n !== 1) throw new InvalidInput([{ field: 'n', message: `"${request.model}" gives one answer per call` }])
  return {
    prompt: toPrompt(messages),
    ...(tools && tools.length > 0 ? { tools: tools.map(toTool) } : {}),
    ...toToolChoice(request),
    ...(format && format.type !== 'text' ? { responseFormat: toResponseFormat(format) } : {}),
    ...(stop === undefined ? {} : { stopSequences: [stop].flat() }),
    temperature: request.temperature,
    topP: request.top_p,
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    seed: numberOf(request.seed),
    presencePenalty: numberOf(request.presence_penalty),
    frequencyPenalty: numberOf(request.frequency_penalty),
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

function toToolChoice({ model, tool_choice: choice }: ChatCompletionRequest): Pick<CallOptions, 'toolChoice'> {
  if (choice === undefined) return {}
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { toolChoice: { type: choice } }
  const toolName = typeof choice === 'string' ? undefined : choice.function?.name
  if (!toolName) throw new InvalidInput([{ field: 'tool_choice', message: `"${model}" takes auto, none, required or a function` }])
  return { toolChoice: { type: 'tool', toolName } }
}

function toTool(tool: NonNullable<ChatCompletionRequest['tools']>[number], index: number): OfferedTool {
  const { name, description, parameters } = tool.function ?? {}
  if (!name) throw new InvalidInput([{ field: `tools.${index}`, message: 'expected a function: the model takes no other tools' }])
  return {
    type: 'function',
    name,
    ...(description ? { description } : {}),
    inputSchema: (parameters ?? { type: 'object', properties: {} }) as Extract<OfferedTool, { type: 'function' }>['inputSchema'],
  }
}

function toResponseFormat(format: NonNullable<ChatCompletionRequest['response_format']>): CallOptions['responseFormat'] {
  const named = format.json_schema as { name?: string; schema?: Record<string, unknown> } | undefined
  return { type: 'json', ...(named?.schema ? { schema: named.schema } : {}), ...(named?.name ? { name: named.name } : {}) }
}

/** Instructions come first, wherever they were: not every provider takes them in the middle. */
function toPrompt(messages: ChatRequestMessage[]): Prompt {
  const toolNames = new Map(
    messages.flatMap(({ tool_calls }) => tool_calls ?? []).map((call) => [call.id ?? '', call.function?.name ?? '']),
  )
  const isInstruction = ({ role }: ChatRequestMessage) => role === 'system' || role === 'developer'
  const numbered = messages.map((message, index) => ({ message, index }))
  return [
    ...numbered
      .filter(({ message }) => isInstruction(message))
      .map(({ message }) => ({ role: 'system' as const, content: textOf(message) })),
    ...numbered.filter(({ message }) => !isInstruction(message)).map(({ message, index }) => toPromptMessage(message, index, toolNames)),
  ]
}

function toPromptMessage(message: ChatRequestMessage, index: number, toolNames: Map<string, string>): PromptMessage {
  switch (message.role) {
    case 'assistant': {
      const text = textOf(message)
      const calls = (message.tool_calls ?? []).map(({ id, function: called }) => ({
        type: 'tool-call' as const,
        toolCallId: id ?? '',
        toolName: called?.name ?? '',
        input: parseToolInput(typeof called?.arguments === 'string' ? called.arguments : ''),
      }))
      return { role: 'assistant', content: [...(text || calls.length === 0 ? [{ type: 'text' as const, text }] : []), ...calls] }
    }
    case 'tool': {
      const toolCallId = message.tool_call_id ?? ''
      const toolName = toolNames.get(toolCallId)
      if (!toolName) throw new InvalidInput([{ field: `messages.${index}.tool_call_id`, message: 'expected the id of a call before it' }])
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: textOf(message) } }] }
    }
    default:
      return { role: 'user', content: toUserParts(message, index) }
  }
}

const textOf = ({ content }: ChatRequestMessage): string => {
  if (!Array.isArray(content)) return content ?? ''
  return content.map((part) => (typeof part.text === 'string' ? part.text : '')).join('')
}

type UserParts = Extract<PromptMessage, { role: 'user' }>['content']

function toUserParts({ content }: ChatRequestMessage, index: number): UserParts {
  if (!Array.isArray(content)) return [{ type: 'text', text: content ?? '' }]
  return content.map((part, at) => {
    if (part.type === 'text' && typeof part.text === 'string') return { type: 'text', text: part.text }
    const url = part.type === 'image_url' ? (part.image_url as { url?: unknown } | undefined)?.url : undefined
    if (typeof url === 'string' && URL.canParse(url)) return toFile(url)
    throw new InvalidInput([{ field: `messages.${index}.content.${at}`, message: 'expected a part of type text or image_url' }])
  })
}

function toFile(url: string): Extract<UserParts[number], { type: 'file' }> {
  const [, mediaType, data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? []
  if (mediaType && data !== undefined) return { type: 'file', mediaType, data: { type: 'data', data } }
  return { type: 'file', mediaType: 'image/*', data: { type: 'url', url: new URL(url) } }
}
