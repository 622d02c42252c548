import { asPayer } from '#server/chat/turns/index.ts'
import type { AccountContext, Context } from '#server/platform/core/index.ts'
import {
  createCompletion,
  streamCompletion,
  createEmbeddings as embed,
  listOfferedModels,
  type OfferedModel,
} from '#server/models/completions/index.ts'
import { type ChatCompletionRequest, withoutNulls } from '#server/models/completions/completions.contract.ts'
import { ModelNotFound } from '#server/models/catalogue/index.ts'
import { callingAgent, failureFor, fallbacksOf } from './agent-key.ts'
import { completeWithAgent, isAgentModel, streamWithAgent } from './agent-completions.service.ts'
import { DEFAULT_EMBEDDING_MODEL } from './openai.contract.ts'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  CreateChatCompletion,
  CreateEmbeddings,
  EmbeddingList,
  OpenAiModel,
  OpenAiModelRef,
} from './openai.contract.ts'

const toOpenAiModel = ({ id, provider, createdAt }: OfferedModel): OpenAiModel => ({
  id,
  object: 'model',
  created: createdAt ?? 0,
  owned_by: provider,
})

/** The models of the set-up providers that answer now: this form has no word for one that does not. */
const listOffered = async (ctx: Context) => (await listOfferedModels(ctx)).filter(({ isAvailable }) => isAvailable)

/** The models the set-up providers offer now. */
export const listModels = async (ctx: Context) => ({ object: 'list' as const, data: (await listOffered(ctx)).map(toOpenAiModel) })

/** @throws ModelNotFound */
export async function getModel(ctx: Context, { model }: OpenAiModelRef): Promise<OpenAiModel> {
  const offered = await listOffered(ctx)
  const found = offered.find(({ id }) => id === model)
  if (!found) throw new ModelNotFound(model, [...new Set(offered.map(({ provider }) => provider))])
  return toOpenAiModel(found)
}

/** Has a chat completed by a model or by one of the caller's agents. @throws what createCompletion and completeWithAgent throw. */
export async function complete(ctx: AccountContext, sent: CreateChatCompletion): Promise<ChatCompletion> {
  const request = withoutNulls(sent)
  if (isForAgent(ctx, request)) return completeWithAgent(ctx, request)
  try {
    return (await createCompletion(await asPayer(ctx), request, await fallbacksOf(ctx, request.model))).completion
  } catch (error) {
    throw await failureFor(ctx, request.model, error)
  }
}

/** A completion chunk by chunk; the last one carries what it took. */
export function stream(ctx: AccountContext, sent: CreateChatCompletion): AsyncGenerator<ChatCompletionChunk> {
  const request = withoutNulls(sent)
  return isForAgent(ctx, request) ? streamWithAgent(ctx, request) : streamWithModel(ctx, request)
}

async function* streamWithModel(ctx: AccountContext, request: ChatCompletionRequest): AsyncGenerator<ChatCompletionChunk> {
  try {
    yield* streamCompletion(await asPayer(ctx), request, await fallbacksOf(ctx, request.model))
  } catch (error) {
    throw await failureFor(ctx, request.model, error)
  }
}

/** The key of an agent is for models only: agents that call each other, or themselves, would wait for each other forever. */
const isForAgent = (ctx: AccountContext, { model }: ChatCompletionRequest): boolean => isAgentModel(model) && callingAgent(ctx) === null

/** Vectors of texts. @throws what `embed` throws. */
export async function createEmbeddings(
  ctx: AccountContext,
  { input, model, dimensions, encoding_format, ...others }: CreateEmbeddings,
): Promise<EmbeddingList> {
  const request = { input, model: model ?? DEFAULT_EMBEDDING_MODEL, dimensions: dimensions ?? undefined, others }
  const { vectors, inputTokens, isEstimated, cost, ...answer } = await embed(await asPayer(ctx), request)
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? toBase64(vector) : vector,
    })),
    model: answer.model,
    usage: {
      prompt_tokens: inputTokens,
      total_tokens: inputTokens,
      ...(cost === null ? {} : { cost }),
      ...(isEstimated ? { estimated: true as const } : {}),
    },
  }
}

/** 32-bit floats, lowest byte first, as OpenAI sends them. */
const toBase64 = (vector: number[]): string => Buffer.from(new Float32Array(vector).buffer).toString('base64')
