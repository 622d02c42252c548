import { requireScope } from '#server/platform/operations/index.ts'
import { hasAccount, type Context } from '#server/platform/core/index.ts'
import { Attempt, type Candidate, Charge } from '../completions/index.ts'
import { enforceQuota, needsPrice, PriceUnknown } from '../metering/index.ts'
import { type ProviderName, readProviderKeys, findRoutes } from '../catalogue/index.ts'
import { postOpenAi, speaksOpenAi, type UpstreamAnswer } from '../wires/index.ts'

/** Providers whose API has `audio/speech` and `audio/transcriptions`. */
const withAudio: readonly ProviderName[] = ['openai', 'groq', 'compatible']

/** A model that speaks or listens, and where it is. */
export type AudioModel = Candidate

/** The model of that id, on the caller's own key when there is one; undefined when none of the providers is set up for it. */
export async function findAudioModel(ctx: Context, id: string, providers = withAudio): Promise<AudioModel | undefined> {
  const credentials = hasAccount(ctx) ? await readProviderKeys(ctx) : {}
  const route = findRoutes(ctx.platform.env, id, credentials)
    .filter(speaksOpenAi)
    .find(({ provider }) => providers.includes(provider))
  return route && { id, route }
}

/** What is posted to a provider. */
interface AudioRequest {
  kind: 'speech' | 'transcription'
  path: string
  headers: Record<string, string>
  body: string | Buffer
}

/** What was read from its answer. Tokens are null where the provider does not count them. */
interface AudioAnswer<T> {
  value: T
  inputTokens: number | null
  outputTokens: number | null
}

/**
 * Calls a model that speaks or listens, and counts the call, however it ends.
 *
 * @param read Takes the answer apart; it throws UnusableAnswer for one that is not what was asked for.
 * @throws Forbidden, QuotaExceeded, SpendLimitReached; PriceUnknown where a key may spend only so much.
 * @throws ModelFailed when the provider fails, sends something else, or takes too long; ModelRefusedRequest when the request is at fault.
 * @throws the signal's reason when the caller goes away.
 */
export async function callAudioModel<T>(
  ctx: Context,
  { id, route }: AudioModel,
  { kind, path, headers, body }: AudioRequest,
  read: (response: UpstreamAnswer) => Promise<AudioAnswer<T>>,
): Promise<AudioAnswer<T>> {
  requireScope(ctx, 'models:write')
  if (hasAccount(ctx)) await enforceQuota(ctx, () => route.isOwnKey)
  // Sound is priced by the second or the letter, which no list of prices says.
  if (await needsPrice(ctx)) throw new PriceUnknown(id)
  const charge = await Charge.open(ctx, { input: NOT_ESTIMATED, output: 0, leastOutput: 0 })
  await charge?.prepare({ id, route })
  const { env, shutdown } = ctx.platform
  const limitMs = env.MODEL_TIMEOUT_SECONDS * 1000
  const inner = { ...ctx, signal: AbortSignal.any([ctx.signal, shutdown]) }
  const attempt = new Attempt(inner, { id, route }, { kind }, limitMs, performance.now(), charge)
  try {
    const answer = await read(await postOpenAi(env, route, path, { headers, body, signal: attempt.deadline.signal }))
    attempt.deadline.dispose()
    attempt.record('ok', { inputTokens: answer.inputTokens, outputTokens: answer.outputTokens }, 0)
    return answer
  } catch (error) {
    throw attempt.fail(error)
  } finally {
    charge?.close()
  }
}

/** Tokens of sound are counted where the provider does; what they will be nobody knows before. */
const NOT_ESTIMATED = { likely: 1, most: 1 }
