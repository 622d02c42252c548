import { InvalidInput } from '#server/platform/core/index.ts'
import { textOf } from './chat-answer.rules.ts'
import { isObject, objectsOf, parseJson, textOrNone, type JsonObject } from './json.ts'
import type { ChatRequest, ChatRequestMessage } from './wire.ts'

/** Fields that would change the answer, and that Anthropic has nothing for. */
const foreign = [
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'functions',
  'function_call',
  'audio',
  'modalities',
  'prediction',
  'web_search_options',
]

/** Anthropic's API demands a limit. */
const MAX_TOKENS = 4096

/** For the one kind of answer Anthropic has no field for. */
const JSON_ONLY = 'Answer with one JSON object and nothing else.'

type Block = JsonObject & { type: string }
interface Message {
  role: 'user' | 'assistant'
  content: Block[]
}

/**
 * A chat request as Anthropic's Messages API takes it. Empty texts are left out, as it refuses them; hints it does not know,
 * such as `seed`, too.
 *
 * @throws InvalidInput for what it cannot take.
 */
export function toMessagesRequest(request: ChatRequest, modelName: string): JsonObject {
  const { stop, response_format: format, temperature, top_p, top_k, thinking, user } = request
  const isAsked = (name: string) => request[name] !== undefined && request[name] !== false
  const problem = foreign.find(isAsked) ?? (Number(request.n ?? 1) > 1 ? 'n' : undefined)
  if (problem) throw new InvalidInput([{ field: problem, message: `"${request.model}" does not support it` }])
  const system = [...instructionsOf(request.messages), ...(isObject(format) && format.type === 'json_object' ? [text(JSON_ONLY)] : [])]
  const tools = objectsOf(request.tools).map(toTool)
  const choice = toToolChoice(request)
  const limit = [request.max_completion_tokens, request.max_tokens].find((value) => typeof value === 'number' && value > 0)
  const stops = [stop].flat().filter(hasWords)
  const optional: JsonObject = {
    system: system.length > 0 ? system : undefined,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: tools.length > 0 ? choice : undefined,
    output_config: toOutputConfig(format),
    stop_sequences: stops.length > 0 ? stops : undefined,
    temperature,
    top_p,
    top_k,
    thinking,
    metadata: textOrNone(user) === undefined ? undefined : { user_id: user },
  }
  return {
    model: modelName,
    max_tokens: limit ?? MAX_TOKENS,
    messages: toMessages(request.messages),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

/** Anthropic refuses texts of nothing but white space as it does empty ones. */
const hasWords = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const text = (value: string, { cache_control }: JsonObject = {}): Block => ({
  type: 'text',
  text: value,
  ...(isObject(cache_control) ? { cache_control } : {}),
})

const isInstruction = ({ role }: ChatRequestMessage): boolean => role === 'system' || role === 'developer'

/** Instructions come first, wherever they were: Anthropic has a place of their own for them. */
const instructionsOf = (messages: readonly ChatRequestMessage[]): Block[] =>
  messages.flatMap((message, index) => (isInstruction(message) ? textBlocks(message.content, index) : []))

/** Thoughts of an earlier answer: without the signature of who thought them they are worth nothing. */
const isThought = ({ type }: JsonObject): boolean => type === 'thinking' || type === 'reasoning'

/** The texts of a message, without those that are empty. */
function textBlocks(content: unknown, index: number): Block[] {
  if (!Array.isArray(content)) return hasWords(content) ? [text(content)] : []
  return objectsOf(content).flatMap((part, at) => {
    const words = part.text ?? part.refusal
    if (typeof words !== 'string' && !isThought(part))
      throw new InvalidInput([{ field: `messages.${index}.content.${at}`, message: 'expected a part of type text' }])
    return hasWords(words) ? [text(words, part)] : []
  })
}

/** Anthropic wants the results of tools in one message of the user, in front of what the user says. */
function toMessages(messages: readonly ChatRequestMessage[]): Message[] {
  const converted: Message[] = []
  const calls = new OpenCalls()
  for (const [index, message] of messages.entries()) {
    if (isInstruction(message)) continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = toBlocks(message, index, calls)
    const last = converted.at(-1)
    if (content.length === 0) continue
    if (last?.role !== role) converted.push({ role, content })
    else if (message.role === 'tool') last.content.splice(last.content.findLastIndex(isResult) + 1, 0, ...content)
    else last.content.push(...content)
  }
  return converted
}

const isResult = ({ type }: Block): boolean => type === 'tool_result'

function toBlocks(message: ChatRequestMessage, index: number, calls: OpenCalls): Block[] {
  switch (message.role) {
    case 'assistant':
      return [
        ...textBlocks(message.content, index),
        ...textBlocks(message.refusal, index),
        ...objectsOf(message.tool_calls).map((call) => toToolUse(call, calls)),
      ]
    case 'tool': {
      const id = calls.close(message.tool_call_id)
      if (id === undefined)
        throw new InvalidInput([{ field: `messages.${index}.tool_call_id`, message: 'expected the id of a call before it' }])
      return [{ type: 'tool_result', tool_use_id: id, content: toResult(message.content, index) }]
    }
    default:
      return toUserBlocks(message.content, index)
  }
}

/** A text, or parts where there is more than text. */
function toResult(content: unknown, index: number): string | Block[] {
  const isText = !Array.isArray(content) || objectsOf(content).every((part) => typeof part.text === 'string')
  return isText ? textOf(content) : toUserBlocks(content, index)
}

/** The calls of tools that have no result yet, under ids that Anthropic takes. */
class OpenCalls {
  readonly #open: { sent: unknown; id: string }[] = []
  readonly #taken = new Set<string>()

  add(sent: unknown): string {
    const isUsable = typeof sent === 'string' && /^[\w-]{1,64}$/.test(sent) && !this.#taken.has(sent)
    let id = isUsable ? sent : `call_${this.#taken.size + 1}`
    while (this.#taken.has(id)) id += '_'
    this.#taken.add(id)
    this.#open.push({ sent, id })
    return id
  }

  /** The call that gets its result now: the one of that id, or the first, for calls without one. */
  close(sent: unknown): string | undefined {
    const at = this.#open.findIndex((call) => call.sent === sent || !(textOrNone(call.sent) ?? textOrNone(sent)))
    return at < 0 ? undefined : this.#open.splice(at, 1)[0]!.id
  }
}

function toToolUse(call: JsonObject, calls: OpenCalls): Block {
  const custom = isObject(call.custom) ? call.custom : undefined
  const called = custom ?? (isObject(call.function) ? call.function : {})
  const input = custom ? { input: custom.input } : parseJson(textOrNone(called.arguments) ?? '{}')
  return { type: 'tool_use', id: calls.add(call.id), name: called.name, input: isObject(input) ? input : {} }
}

function toUserBlocks(content: unknown, index: number): Block[] {
  if (!Array.isArray(content)) return textBlocks(content, index)
  return content.flatMap((part: unknown, at): Block[] => {
    if (isObject(part) && typeof part.text === 'string') return hasWords(part.text) ? [text(part.text, part)] : []
    const url = isObject(part) && isObject(part.image_url) ? textOrNone(part.image_url.url) : undefined
    if (url && URL.canParse(url)) return [{ type: 'image', source: toSource(url) }]
    throw new InvalidInput([{ field: `messages.${index}.content.${at}`, message: 'expected a part of type text or image_url' }])
  })
}

function toSource(url: string): JsonObject {
  const [, media_type, data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? []
  return media_type ? { type: 'base64', media_type, data } : { type: 'url', url }
}

function toTool(tool: JsonObject, index: number): JsonObject {
  if (!isObject(tool.function))
    throw new InvalidInput([{ field: `tools.${index}`, message: 'expected "function", which is all this model takes' }])
  const { name, description, parameters } = tool.function
  return {
    name,
    ...(textOrNone(description) === undefined ? {} : { description }),
    input_schema: isObject(parameters) ? { type: 'object', ...parameters } : { type: 'object', properties: {} },
    ...(isObject(tool.cache_control) ? { cache_control: tool.cache_control } : {}),
  }
}

function toToolChoice({ tool_choice: choice, parallel_tool_calls }: ChatRequest): JsonObject | undefined {
  const chosen = chosenTool(choice)
  if (parallel_tool_calls !== false) return chosen
  return chosen?.type === 'none' ? chosen : { ...(chosen ?? { type: 'auto' }), disable_parallel_tool_use: true }
}

function chosenTool(choice: unknown): JsonObject | undefined {
  if (choice === undefined || choice === null) return undefined
  const words: Record<string, string> = { auto: 'auto', none: 'none', required: 'any' }
  if (typeof choice === 'string' && Object.hasOwn(words, choice)) return { type: words[choice] }
  if (isObject(choice) && isObject(choice.function)) return { type: 'tool', name: choice.function.name }
  throw new InvalidInput([{ field: 'tool_choice', message: 'expected auto, none, required or a function, which is all this model takes' }])
}

function toOutputConfig(format: unknown): JsonObject | undefined {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.json_schema)) return undefined
  return { format: { type: 'json_schema', schema: format.json_schema.schema } }
}
