import { z } from 'zod'

// Requests and answers in the form of the OpenAI chat API, which this server takes from its callers and
// which most providers speak. What is not named here is handed on as it is.

/** Items of a list in a request; what they are together is bounded by the size of a request. */
const MAX_LIST_ITEMS = 1000
export const MAX_MESSAGES = 5000

export const TextMessage = z
  .object({
    role: z.enum(['system', 'user', 'assistant'], 'expected system, user or assistant').meta({
      id: 'ChatRole',
      description: 'Whose message it is.',
      'x-enumDescriptions': { system: 'Whoever sets the model up.', user: 'A person, or a program for them.', assistant: 'The model.' },
    }),
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
          id: z.string().min(1).describe('Its id.'),
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
  model: z.string().min(1, 'expected the id of a model').describe('Id of a model, or `agent:` and the id of an agent.'),
  messages: z
    .array(message)
    .min(1, 'expected at least one message')
    .max(MAX_MESSAGES)
    .describe('The conversation so far, in the form of the OpenAI API: `role`, `content` and what else the provider knows.'),
  models: z.array(z.string().min(1)).max(5).optional().describe('Models to try in turn when `model` fails.'),
  stream: z.boolean().optional().describe('Which call is made decides that; accepted for clients that send it.'),
  temperature: z.number().min(0).max(2).optional().describe('0 for the most likely words, up to 2 for the least.'),
  top_p: z.number().min(0).max(1).optional().describe('Share of the likeliest words to pick from, 0 to 1.'),
  max_tokens: z.int().min(1).optional().describe('Most tokens of the answer.'),
  max_completion_tokens: z.int().min(1).optional().describe('Most tokens of the answer; the newer name.'),
  stop: z
    .union([z.string(), z.array(z.string()).max(4)], { error: 'expected a text or at most 4 texts' })
    .optional()
    .describe('Texts at which the answer ends, up to 4.'),
  n: z.literal(1, { error: 'expected 1: one answer per call' }).optional().describe('Always 1: one answer per call.'),
  tools: z.array(tool).max(MAX_LIST_ITEMS).optional().describe('Functions the model may call, in the form of the OpenAI API.'),
  tool_choice: z
    .union(
      [z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) })],
      {
        error: 'expected auto, none, required or a function',
      },
    )
    .optional()
    .describe('Which function to call: `auto`, `none`, `required`, or one by its name.'),
  response_format: z
    .looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })
    .optional()
    .describe('What the answer has to be: `text`, `json_object` or `json_schema`.'),
  user: z.string().optional().describe('Who asks, as the caller knows them; handed on to the provider.'),
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
    id: z.string().describe('Its id.'),
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
  .meta({ id: 'ChatCompletion', description: 'An answer in the form of the OpenAI API.' })
export type ChatCompletion = z.output<typeof ChatCompletion>

export const ChatCompletionChunk = z
  .looseObject({
    id: z.string().describe('Its id.'),
    object: z.literal('chat.completion.chunk'),
    created: z.int().min(0),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int().min(0), delta: z.looseObject({}), finish_reason: z.string().nullish() })),
    usage: CompletionUsage.nullish(),
  })
  .meta({ id: 'ChatCompletionChunk', description: 'A piece of an answer in the form of the OpenAI API.' })
export type ChatCompletionChunk = z.output<typeof ChatCompletionChunk>
