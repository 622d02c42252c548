import type { Dispatcher } from 'undici'
import { requireScope } from '#server/platform/operations/index.ts'
import { hasAccount, type Context } from '#server/platform/core/index.ts'
import { readFailure, post, speaksOpenAi } from '../completions/index.ts'
import { PriceUnknown, recordUsage, enforceQuota, spendLimitOf } from '../metering/index.ts'
import { ModelFailed, type ProviderName, readProviderKeys, findRoutes } from '../catalogue/index.ts'

/** Providers whose API has `audio/speech` and `audio/transcriptions`. */
const withAudio: readonly ProviderName[] = ['openai', 'groq', 'compatible']

/** A model that speaks or listens, and where it is. */
export interface AudioModel {
  id: string
  route: Parameters<typeof post>[1]
}

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
 * @throws ModelFailed when the provider fails, sends something else, or takes too long.
 * @throws the signal's reason when the caller goes away.
 */
export async function callAudioModel<T>(
  ctx: Context,
  { id, route }: AudioModel,
  { kind, path, headers, body }: AudioRequest,
  read: (response: Dispatcher.ResponseData) => Promise<AudioAnswer<T>>,
): Promise<AudioAnswer<T>> {
  requireScope(ctx, 'models:write')
  if (hasAccount(ctx)) await enforceQuota(ctx)
  // Sound is priced by the second or the letter, which no list of prices says.
  if (spendLimitOf(ctx) !== null) throw new PriceUnknown(id)
  const { env, shutdown } = ctx.platform
  const gone = AbortSignal.any([ctx.signal, shutdown])
  const timeout = AbortSignal.timeout(env.MODEL_TIMEOUT_SECONDS * 1000)
  const began = performance.now()
  const count = (outcome: 'ok' | 'failed' | 'aborted', answer?: AudioAnswer<T>) => {
    if (!hasAccount(ctx)) return
    recordUsage(ctx, {
      kind,
      provider: route.provider,
      model: id,
      outcome,
      inputTokens: answer?.inputTokens ?? null,
      outputTokens: answer?.outputTokens ?? null,
      costNanoUsd: null,
      isOwnKey: route.isOwnKey,
      isEstimated: false,
      latencyMs: Math.round(performance.now() - began),
      firstTokenMs: null,
    })
  }
  try {
    const answer = await read(await post(env, route, path, headers, body, AbortSignal.any([gone, timeout])))
    count('ok', answer)
    return answer
  } catch (error) {
    count(gone.aborted ? 'aborted' : 'failed')
    gone.throwIfAborted()
    const tooLong = { code: 'MODEL_TIMEOUT', problem: `did not finish within ${env.MODEL_TIMEOUT_SECONDS} s`, cause: error } as const
    throw new ModelFailed(id, timeout.aborted ? tooLong : readFailure(error), '')
  }
}
