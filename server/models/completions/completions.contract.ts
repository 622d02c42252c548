import { z } from 'zod'

// Requests and answers in the form of the OpenAI chat API, which this server takes from its callers and
// which most providers speak. What is not named here is handed on as it is.

export const MAX_MESSAGES = 5000
/** Of any other list in a request: what this server checks one by one has to have an end. */
const MAX_LIST_ITEMS = 5000

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

// A request is not judged here: the provider it goes to knows what it takes. Checked is what this server itself reads, and that
// only for its kind: `null` is unset, and what is too long, too large, of another kind or unknown goes on as it came.

const part = z.looseObject({ type: z.string().nullish() })

const toolCall = z.looseObject({
  id: z.string().nullish(),
  type: z.string().nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
})

const message = z.looseObject({
  role: z.string('expected a text').min(1, 'expected who speaks'),
  content: z.union([z.string(), z.array(part).max(MAX_LIST_ITEMS)], { error: 'expected a text, a list of parts or null' }).nullish(),
  tool_calls: z.array(toolCall).max(MAX_LIST_ITEMS).nullish(),
  tool_call_id: z.string().nullish(),
})

const tool = z.looseObject({
  type: z.string().nullish(),
  function: z
    .looseObject({ name: z.string().nullish(), description: z.string().nullish(), parameters: z.looseObject({}).nullish() })
    .nullish(),
})

const namedFunction = z.looseObject({ type: z.string().nullish(), function: z.looseObject({ name: z.string().nullish() }).nullish() })

/** As callers send it; `ChatCompletionRequest` is what is made of it. */
export const CreateChatCompletion = z.looseObject({
  model: z.string().min(1, 'expected the id of a model').describe('Id of a model, or `agent:` and the id of an agent.'),
  messages: z
    .array(message)
    .min(1, 'expected at least one message')
    .max(MAX_MESSAGES)
    .describe('The conversation so far, in the form of the OpenAI API: `role`, `content` and what else the provider knows.'),
  models: z.array(z.string().min(1)).max(5).nullish().describe('Models to try in turn when `model` fails.'),
  stream: z.boolean().nullish().describe('Which call is made decides that; accepted for clients that send it.'),
  temperature: z.number().nullish().describe('0 for the most likely words; the provider says how high it may be.'),
  top_p: z.number().nullish().describe('Share of the likeliest words to pick from, 0 to 1.'),
  max_tokens: z.int().nullish().describe('Most tokens of the answer.'),
  max_completion_tokens: z.int().nullish().describe('Most tokens of the answer; the newer name.'),
  stop: z
    .union([z.string(), z.array(z.string()).max(MAX_LIST_ITEMS)], { error: 'expected a text or texts' })
    .nullish()
    .describe('Texts at which the answer ends; the provider says how many it takes.'),
  n: z.int().nullish().describe('How many answers are asked for, where the provider gives more than one.'),
  tools: z.array(tool).max(MAX_LIST_ITEMS).nullish().describe('Tools the model may use, in the form of the OpenAI API.'),
  tool_choice: z
    .union([z.string(), namedFunction], { error: 'expected a word such as auto, or a tool' })
    .nullish()
    .describe('Which tool to use: `auto`, `none`, `required`, one by its name, or what else the provider knows.'),
  response_format: z.looseObject({ type: z.string().nullish() }).nullish().describe('What the answer has to be, such as `json_schema`.'),
  user: z.string().nullish().describe('Who asks, as the caller knows them; handed on to the provider.'),
})

/** An object whose optional fields are there or not, and never null. */
type WithoutNulls<T> = { [K in keyof T]: undefined extends T[K] ? Exclude<T[K], null> : T[K] }

type SentRequest = z.output<typeof CreateChatCompletion>
export type ChatRequestMessage = z.output<typeof message>

/** A chat to be completed: a request without what its caller left unset. */
export type ChatCompletionRequest = WithoutNulls<SentRequest>

const isSet = ([, value]: [string, unknown]): boolean => value !== null

/** `null` means unset, in the request and in its messages; only the content of a message may be null and mean it. */
export function withoutNulls(request: SentRequest): ChatCompletionRequest {
  const set = Object.fromEntries(Object.entries(request).filter(isSet)) as ChatCompletionRequest
  const messages = request.messages.map((sent) =>
    Object.fromEntries(Object.entries(sent).filter((field) => field[0] === 'content' || isSet(field))),
  )
  return { ...set, messages: messages as ChatRequestMessage[] }
}

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
