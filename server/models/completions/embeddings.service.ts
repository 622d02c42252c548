import { z } from 'zod'
import type { Context } from '#server/platform/core/index.ts'
import { addHeaders, withFallback } from './attempts.ts'
import { findCandidates, type Candidate } from './candidates.service.ts'
import { toUsd } from './cost.rules.ts'
import { ModelNotFound, ProviderNotConfigured } from '../catalogue/index.ts'
import { postJson, readJson, speaksOpenAi } from '../wires/index.ts'

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
  /** The provider did not say how many tokens. */
  isEstimated: boolean
  /** US dollars; null when the price of the model is unknown. */
  cost: number | null
}

/** Longer vectors than any model makes. */
const MAX_DIMENSIONS = 16_384
/** A number is written with so many characters at most, its comma included. */
const MAX_NUMBER_BYTES = 26
const MAX_HEAD_BYTES = 64_000
const MAX_BYTES = 32_000_000

/** Most bytes the vectors of so many texts can take. */
const maxBytesFor = (texts: number): number => Math.min(MAX_BYTES, MAX_HEAD_BYTES + texts * MAX_DIMENSIONS * MAX_NUMBER_BYTES)

// Thousands of numbers each: checked in one go, so that a wrong one is one complaint.
const vector = z.custom<number[]>(
  (value) => Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number'),
)

/** The vectors of so many texts; no more are looked at, however many there are. */
const answerFor = (texts: number) =>
  z.looseObject({
    data: z.preprocess(
      (data) => (Array.isArray(data) ? data.slice(0, texts) : data),
      z.array(z.looseObject({ index: z.int().min(0), embedding: vector })).min(1),
    ),
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
  return withFallback(ctx, candidates, { kind: 'embedding', askedLength }, async (attempt) => {
    const { candidate, deadline } = attempt
    const body = { model: candidate.route.modelName, input, encoding_format: 'float', ...(dimensions ? { dimensions } : {}) }
    const response = await postJson(ctx.platform.env, candidate.route, 'embeddings', body, deadline.signal)
    const { data, usage } = answerFor(texts.length).parse(await readJson(response, maxBytesFor(texts.length)))
    deadline.dispose()
    const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
    const account = attempt.record('ok', { inputTokens: usage?.prompt_tokens ?? null, outputTokens: 0 }, 0)
    addHeaders(ctx, attempt, account)
    const { inputTokens, isEstimated, costNanoUsd } = account
    return { model: candidate.id, vectors, inputTokens, isEstimated, cost: costNanoUsd === null ? null : toUsd(costNanoUsd) }
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
