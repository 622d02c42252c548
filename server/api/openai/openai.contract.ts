import { z } from 'zod'
import { ChatCompletion, ChatCompletionChunk, CreateChatCompletion } from '#server/models/completions/completions.contract.ts'

export { ChatCompletion, ChatCompletionChunk, CreateChatCompletion }
export type CreateChatCompletion = z.output<typeof CreateChatCompletion>

export const OpenAiModel = z
  .object({
    id: z.string().describe('What calls name it by.'),
    object: z.literal('model').describe('Always `model`.'),
    created: z.int().min(0).meta({ format: 'int64' }).describe('Unix seconds; 0 when the provider does not say.'),
    owned_by: z.string().describe('The provider that serves it.'),
  })
  .meta({ id: 'OpenAiModel', description: 'A model, in the form of the OpenAI API.' })
export type OpenAiModel = z.infer<typeof OpenAiModel>

export const ListOpenAiModels = z.object({})
export const OpenAiModelList = z
  .object({ object: z.literal('list').describe('Always `list`.'), data: z.array(OpenAiModel).describe('The models.') })
  .meta({ id: 'OpenAiModelList', description: 'Models, in the form of the OpenAI API.' })
export const OpenAiModelRef = z.object({ model: z.string().min(1).describe('Id of the model.') })
export type OpenAiModelRef = z.infer<typeof OpenAiModelRef>

const MAX_TEXTS = 2048

const isToken = (value: unknown) => Number.isInteger(value) && (value as number) >= 0
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isListOf = (value: unknown, isItem: (item: unknown) => boolean) => Array.isArray(value) && value.length > 0 && value.every(isItem)
const isEmbeddable = (value: unknown): boolean =>
  isText(value) ||
  isListOf(value, isToken) ||
  ((isListOf(value, isText) || isListOf(value, (item) => isListOf(item, isToken))) && (value as unknown[]).length <= MAX_TEXTS)

const text = { type: 'string' as const, minLength: 1 }
const tokens = { type: 'array' as const, items: { type: 'integer' as const, minimum: 0 }, minItems: 1 }
const several = { type: 'array' as const, minItems: 1, maxItems: MAX_TEXTS }

// One look at all of it: of a hundred thousand tokens Zod would check each.
const EmbeddingInput = z
  .custom<string | string[] | number[] | number[][]>(isEmbeddable, {
    error: `expected a text or tokens, or a list of 1 to ${MAX_TEXTS} of them, none of them empty`,
  })
  .meta({
    description: 'A text, or the tokens of one, or up to 2,048 of either.',
    override: { anyOf: [text, { ...several, items: text }, tokens, { ...several, items: tokens }] },
  })

/** What GraphQL, which has no type for one or the other, takes of it. */
export const EmbeddingTexts = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MAX_TEXTS)], {
    error: `expected a text, or 1 to ${MAX_TEXTS} texts, none of them empty`,
  })
  .describe('A text, or up to 2,048 texts.')

export const DEFAULT_EMBEDDING_MODEL = 'openai/text-embedding-3-small'

/** What is not named here goes to the provider as it is. */
export const CreateEmbeddings = z.looseObject({
  input: EmbeddingInput,
  model: z.string().min(1, 'expected the id of a model').nullable().default(DEFAULT_EMBEDDING_MODEL).describe('Id of the model.'),
  dimensions: z.int().min(1).nullish().describe('Numbers of each vector, for models that let it be chosen.'),
  encoding_format: z
    .enum(['float', 'base64'])
    .meta({
      id: 'EmbeddingFormat',
      description: 'How vectors are written.',
      'x-enumDescriptions': { float: 'As a list of numbers.', base64: 'As 32-bit floats in base64.' },
    })
    .nullable()
    .default('float'),
})
export type CreateEmbeddings = z.output<typeof CreateEmbeddings>

export const EmbeddingList = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int().min(0),
        embedding: z.union([z.array(z.number()), z.string()]).describe('Numbers; with encoding_format base64 the same as 32-bit floats.'),
      }),
    ),
    model: z.string(),
    usage: z.object({
      prompt_tokens: z.int().min(0),
      total_tokens: z.int().min(0),
      cost: z.number().min(0).optional(),
      estimated: z.literal(true).optional().describe('The provider did not say how many tokens; they were estimated.'),
    }),
  })
  .meta({ id: 'EmbeddingList', description: 'The vectors of texts, in the form of the OpenAI API.' })
export type EmbeddingList = z.output<typeof EmbeddingList>

/** The error body clients of the OpenAI API read. */
export const OpenAiError = z
  .object({
    error: z.looseObject({
      message: z.string(),
      type: z.string(),
      code: z.string().nullable(),
      param: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' })
