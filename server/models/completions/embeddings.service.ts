import type { Context } from '#server/platform/core/index.ts'
import { addHeaders, withFallback } from './attempts.ts'
import { Charge } from './charge.ts'
import { findCandidates, type Candidate } from './candidates.service.ts'
import { estimateBytes } from './worst-case.rules.ts'
import { nanoUsdAsNumber } from '#server/platform/money/index.ts'
import { CHARACTERS_PER_TOKEN } from './cost.rules.ts'
import { readEmbeddings } from './embeddings.rules.ts'
import { ModelNotFound, ProviderNotConfigured } from '../catalogue/index.ts'
import { postJson, readAnswer, speaksOpenAi } from '../wires/index.ts'

export interface EmbeddingRequest {
  /** A text or its tokens, or several of either. */
  input: string | string[] | number[] | number[][]
  model: string
  /** Length of the vectors, for models that have a choice. */
  dimensions?: number | undefined
  /** Further fields for the provider. */
  others?: Record<string, unknown>
}

export interface Embeddings {
  model: string
  vectors: number[][]
  inputTokens: number
  /** The provider did not count. */
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

/**
 * Turns texts into vectors, in their order.
 *
 * @throws ProviderNotConfigured when no provider here has embeddings; ModelNotFound, ModelRefusedRequest, ModelFailed.
 */
export async function createEmbeddings(ctx: Context, { input, model, dimensions, others }: EmbeddingRequest): Promise<Embeddings> {
  const candidates = (await findEmbedders(ctx, model)).filter(({ route }) => speaksOpenAi(route))
  if (candidates.length === 0) throw new ProviderNotConfigured(`The provider of "${model}" has no embeddings.`)
  const texts = textsOf(input)
  const askedLength = () => texts.reduce((sum, text) => sum + lengthOf(text), 0)
  const asked = estimateBytes(texts.reduce((sum, text) => sum + bytesOf(text), 0))
  const charge = await Charge.open(ctx, { input: asked, output: 0, leastOutput: 0 })
  return withFallback(ctx, candidates, { kind: 'embedding', askedLength }, charge, async (attempt) => {
    const { candidate, deadline } = attempt
    const { modelName } = candidate.route
    const body = { ...others, model: modelName, input, encoding_format: 'float', ...(dimensions ? { dimensions } : {}) }
    const response = await postJson(ctx.platform.env, candidate.route, 'embeddings', body, deadline.signal)
    if (response.generationId !== undefined) attempt.named(response.generationId)
    const wanted = { model: modelName, texts: texts.length, dimensions }
    const { vectors, inputTokens: counted } = readEmbeddings(await readAnswer(response, maxBytesFor(texts.length)), wanted)
    deadline.dispose()
    const account = attempt.record('ok', { inputTokens: counted, outputTokens: 0 }, 0)
    charge?.close()
    addHeaders(ctx, attempt, account)
    const { inputTokens, isEstimated, costNanoUsd } = account
    return { model: candidate.id, vectors, inputTokens, isEstimated, cost: costNanoUsd === null ? null : nanoUsdAsNumber(costNanoUsd) }
  })
}

/** Each text, or its tokens. */
function textsOf(input: EmbeddingRequest['input']): (string | number[])[] {
  if (typeof input === 'string') return [input]
  return typeof input[0] === 'number' ? [input as number[]] : (input as string[] | number[][])
}

/** In characters, to estimate tokens from. */
const lengthOf = (text: string | number[]): number => (typeof text === 'string' ? text.length : text.length * CHARACTERS_PER_TOKEN)

/** Of a text; of tokens as many as they are, a token for each. */
const bytesOf = (text: string | number[]): number =>
  typeof text === 'string' ? Buffer.byteLength(text) : text.length * CHARACTERS_PER_TOKEN

async function findEmbedders(ctx: Context, model: string): Promise<Candidate[]> {
  try {
    return await findCandidates(ctx, model)
  } catch (error) {
    if (!(error instanceof ModelNotFound) || (error.details.configured as string[]).length > 0) throw error
    throw new ProviderNotConfigured('No provider with embeddings is set up here: set OPENAI_API_KEY, or another provider that has them.')
  }
}
