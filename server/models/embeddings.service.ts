import { z } from 'zod'
import type { Context } from '../core/context.ts'
import { addHeaders, tryEach } from './attempts.ts'
import { findCandidates, type Candidate } from './candidates.service.ts'
import { toUsd } from './cost.rules.ts'
import { ModelNotFound, ProviderNotConfigured } from './models.errors.ts'
import { postJson, readJson, speaksOpenAi } from './upstream.ts'

export interface EmbeddingRequest {
  input: string | string[]
  model: string
  /** Length of the vectors, for models that have a choice. */
  dimensions?: number | undefined
}

export interface Embeddings {
  model: string
  vectors: number[][]
  inputTokens: number
  /** US dollars; null when the price of the model is unknown. */
  cost: number | null
}

const answer = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })).min(1),
  usage: z.looseObject({ prompt_tokens: z.int().min(0) }).nullish(),
})

/**
 * Turns texts into vectors, in their order.
 *
 * @throws ProviderNotConfigured when no provider here has embeddings; ModelNotFound, ModelRefusedRequest, ModelFailed.
 */
export async function createEmbeddings(ctx: Context, { input, model, dimensions }: EmbeddingRequest): Promise<Embeddings> {
  const candidates = (await findEmbedders(ctx, model)).filter(({ route }) => speaksOpenAi(route))
  if (candidates.length === 0) throw new ProviderNotConfigured(`The provider of "${model}" has no embeddings.`)
  const texts = [input].flat()
  const askedLength = () => texts.reduce((sum, text) => sum + text.length, 0)
  return tryEach(ctx, candidates, { kind: 'embedding', askedLength }, async (attempt) => {
    const { candidate, deadline } = attempt
    const body = { model: candidate.route.modelName, input, encoding_format: 'float', ...(dimensions ? { dimensions } : {}) }
    const { data, usage } = answer.parse(
      await readJson(await postJson(ctx.platform.env, candidate.route, 'embeddings', body, deadline.signal)),
    )
    deadline.dispose()
    const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
    const account = attempt.record('ok', { inputTokens: usage?.prompt_tokens ?? null, outputTokens: 0 }, 0)
    addHeaders(ctx, attempt, account)
    const { inputTokens, costNanoUsd } = account
    return { model: candidate.id, vectors, inputTokens, cost: costNanoUsd === null ? null : toUsd(costNanoUsd) }
  })
}

async function findEmbedders(ctx: Context, model: string): Promise<Candidate[]> {
  try {
    return await findCandidates(ctx, model)
  } catch (error) {
    if (!(error instanceof ModelNotFound) || (error.details.configured as string[]).length > 0) throw error
    throw new ProviderNotConfigured('No provider with embeddings is set up here: set OPENAI_API_KEY, or another provider that has them.')
  }
}
