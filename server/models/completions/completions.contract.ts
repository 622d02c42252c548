import { z } from 'zod'

// Requests and answers in the form of the OpenAI chat API, which this server takes from its callers and
// which most providers speak. What is not named here is handed on as it is.

/** Items of a list in a request; what they are together is bounded by the size of a request. */
const MAX_LIST_ITEMS = 1000
export const MAX_MESSAGES = 5000

export const TextMessage = z
  .object({
    role: z
      .enum(['system', 'user', 'assistant'], 'expected system, user or assistant')
      .meta({ id: 'ChatRole', description: 'Whose message it is.' }),
    content: z.string('expected a text').describe('What it says.'),
  })
  .meta({ id: 'TextMessage', description: 'One message of a chat that a model goes on with.' })

const part = z.looseObject({ type: z.string().optional() })

const message = z
  .looseObject({
    role: z.enum(['system', 'user', 'assistant', 'tool', 'developer']),
    content: z
      .union([z.string(), z.array(part).max(MAX_LIST_ITEMS), z.null()], { error: 'expected a text, a list of parts or null' })
      .optional(),
    tool_calls: z
      .array(
        z.looseObject({
          id: z.string().min(1),
          type: z.literal('function').optional(),
          function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
        }),
      )
      .max(MAX_LIST_ITEMS)
      .optional(),
    tool_call_id: z.string().optional(),
  })
  .superRefine(({ role, content, tool_calls, tool_call_id }, ctx) => {
    // What calls tools need not say anything besides.
    if (content === undefined && !(role === 'assistant' && tool_calls))
      ctx.addIssue({ code: 'custom', path: ['content'], message: 'expected a text' })
    if (role === 'tool' && !tool_call_id) ctx.addIssue({ code: 'custom', path: ['tool_call_id'], message: 'expected the id of the call' })
  })
export type ChatRequestMessage = z.output<typeof message>

const tool = z.looseObject({
  type: z.literal('function', { error: 'expected "function"' }),
  function: z.looseObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, - or _'),
    description: z.string().optional(),
    parameters: z.looseObject({}).optional(),
  }),
})

export const ChatCompletionRequest = z.looseObject({
  model: z.string().min(1, 'expected the id of a model'),
  messages: z.array(message).min(1, 'expected at least one message').max(MAX_MESSAGES),
  models: z.array(z.string().min(1)).max(5).optional().describe('Models to try in turn when `model` fails.'),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)], { error: 'expected a text or at most 4 texts' }).optional(),
  n: z.literal(1, { error: 'expected 1: one answer per call' }).optional(),
  tools: z.array(tool).max(MAX_LIST_ITEMS).optional(),
  tool_choice: z
    .union(
      [z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) })],
      {
        error: 'expected auto, none, required or a function',
      },
    )
    .optional(),
  response_format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).optional(),
  user: z.string().optional(),
})
export type ChatCompletionRequest = z.output<typeof ChatCompletionRequest>

/** Tokens of a call, and what they cost in US dollars where the price is known. */
export const CompletionUsage = z.looseObject({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
  cost: z.number().min(0).optional().describe('US dollars; left out when the price of the model is unknown.'),
  estimated: z.literal(true).optional().describe('The provider did not say how many tokens; they were estimated.'),
})
export type CompletionUsage = z.output<typeof CompletionUsage>

export const ChatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int().min(0),
    model: z.string(),
    choices: z
      .array(
        z.looseObject({
          index: z.int().min(0),
          message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullable() }),
          finish_reason: z.string().nullable(),
        }),
      )
      .min(1),
    usage: CompletionUsage,
  })
  .meta({ id: 'ChatCompletion' })
export type ChatCompletion = z.output<typeof ChatCompletion>

export const ChatCompletionChunk = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int().min(0),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int().min(0), delta: z.looseObject({}), finish_reason: z.string().nullish() })),
    usage: CompletionUsage.nullish(),
  })
  .meta({ id: 'ChatCompletionChunk' })
export type ChatCompletionChunk = z.output<typeof ChatCompletionChunk>
