import { z } from 'zod'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: z.string() }),
  text: z.undefined().optional(),
})
const texts = z.union([z.string(), z.array(textPart).min(1)])

const toolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
})

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer']), content: texts, name: z.string().optional() }),
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.union([textPart, imagePart])).min(1)]),
    name: z.string().optional(),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: texts.nullish(),
    tool_calls: z.array(toolCall).min(1).optional(),
    // Of models that think: who sends it takes it back with the results of its tools.
    reasoning_content: z.string().optional(),
    name: z.string().optional(),
  }),
  // OpenAI ignores the name; OpenRouter's package sends it.
  z.strictObject({ role: z.literal('tool'), content: texts, tool_call_id: z.string().min(1), name: z.string().optional() }),
])

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }).optional(),
    strict: z.boolean().optional(),
  }),
})

const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  max_tokens: z.number().int().min(1).optional(),
  max_completion_tokens: z.number().int().min(1).optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
  seed: z.number().int().optional(),
  user: z.string().optional(),
  tools: z.array(tool).min(1).optional(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.literal('function') })]).optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
})

const embeddingRequest = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.number().int().min(1).optional(),
  user: z.string().optional(),
})

export type EmbeddingRequest = z.output<typeof embeddingRequest>

/** What is wrong with an embedding request, or undefined. */
export function checkEmbeddingRequest(body: unknown): string | undefined {
  const issue = embeddingRequest.safeParse(body).error?.issues[0]
  return issue && `Invalid value for '${issue.path.join('.')}': ${issue.message}`
}

export type ChatRequest = z.output<typeof chatRequest>

/** What is wrong with a chat request, in the words the real server would use, or undefined. */
export function checkChatRequest(body: unknown): string | undefined {
  if (body === null || body === undefined) return 'We could not parse the JSON body of your request.'
  const parsed = chatRequest.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return `Invalid value for '${issue?.path.join('.')}': ${issue?.message}`
  }
  if (parsed.data.stream_options && !parsed.data.stream) return "The 'stream_options' parameter is only allowed when 'stream' is enabled."
  if (parsed.data.tool_choice && !parsed.data.tools) return "'tool_choice' is only allowed when 'tools' are specified."
  return checkToolMessages(parsed.data)
}

/** Every tool call is answered by the tool messages right after it, and nothing else is. */
function checkToolMessages({ messages }: ChatRequest): string | undefined {
  let open = new Set<string>()
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) {
        return `Invalid parameter: messages.[${index}] with role 'tool' must be a response to a preceeding message with 'tool_calls'.`
      }
      continue
    }
    if (open.size > 0)
      return `An assistant message with 'tool_calls' must be followed by tool messages: ${[...open].join(', ')} had no response.`
    if (message.role !== 'assistant') continue
    if (!message.tool_calls && (message.content === null || message.content === undefined)) {
      return `Invalid value for 'messages.[${index}].content': expected a string, got null.`
    }
    open = new Set(message.tool_calls?.map((call) => call.id))
  }
  return open.size > 0
    ? `An assistant message with 'tool_calls' must be followed by tool messages: ${[...open].join(', ')} had no response.`
    : undefined
}
