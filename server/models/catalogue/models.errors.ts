import { AppError, type ErrorKind } from '#server/platform/core/index.ts'

/** No configured provider has the model. `details`: `model`, and `configured`, the names of the providers that are. */
export class ModelNotAvailable extends AppError {
  constructor(model: string, configured: string[], reason?: string, kind: ErrorKind = 'invalid_input', code = 'MODEL_NOT_AVAILABLE') {
    const message = reason ?? `The model "${model}" is not available. ${sayConfigured(configured)}`
    super(kind, code, message, { model, configured })
  }
}

/** The OpenAI-compatible server did not say which models it has, so that there is no default model. */
export class ModelProviderUnreachable extends ModelNotAvailable {
  constructor(problem: string, configured: string[]) {
    const reason = `The server at OPENAI_COMPATIBLE_BASE_URL could not list its models: ${problem}. Start it, or name a model.`
    super('custom', configured, reason, 'unavailable', 'MODEL_PROVIDER_UNREACHABLE')
  }
}

const sayConfigured = (configured: string[]) =>
  configured.length > 0
    ? `Configured providers: ${configured.join(', ')}; local/commands always works.`
    : 'No provider is configured: set OPENROUTER_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, GROQ_API_KEY or OPENAI_COMPATIBLE_BASE_URL. local/commands always works.'

/** What a provider answered instead of an answer: its HTTP status and its own words for the error. */
interface UpstreamAnswered {
  status: number
  code?: string
  type?: string
  param?: string
  /** After how many seconds it may be asked again. */
  retryAfterSeconds?: number
}

/** How a model call went wrong. */
export interface ModelFailure {
  code: 'MODEL_FAILED' | 'MODEL_TIMEOUT'
  /** What happened, as the end of a sentence that begins with the model's name. */
  problem: string
  /** Where the provider answered, but refused. */
  upstream?: UpstreamAnswered
  /** Nobody was there to be asked. */
  isUnreachable?: boolean
  cause?: unknown
}

/** As `details` of an error. */
const upstreamDetails = ({ status, code, type, param, retryAfterSeconds }: UpstreamAnswered): Record<string, unknown> => ({
  upstreamStatus: status,
  ...(code === undefined ? {} : { upstreamCode: code }),
  ...(type === undefined ? {} : { upstreamType: type }),
  ...(param === undefined ? {} : { upstreamParam: param }),
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
})

/** Statuses that tell a caller what to do, and mean the same from us as from the provider. Others are the gateway's business. */
const failureKinds: Record<number, ErrorKind> = { 429: 'rate_limited', 503: 'unavailable', 529: 'unavailable' }

/**
 * The provider failed, or fell silent. A provider that has too much to do is 429 or 503, as it said; anything else is 502.
 * `details`: `model`, and where the provider answered `upstreamStatus`, `upstreamCode`, `upstreamType` and
 * `retryAfterSeconds`, as far as it gave them. The message is safe to show; `cause` is for the log only.
 */
export class ModelFailed extends AppError {
  /** What happened, as the end of a sentence that begins with the model's name. */
  readonly problem: string
  /** What the model had said until then, of all steps; may be empty. Not part of the answer to the caller. */
  readonly partialText: string
  /** Whether nobody was there to be asked, so that the next call will hardly find anybody either. */
  readonly isUnreachable: boolean

  constructor(model: string, { code, problem, upstream, isUnreachable = false, cause }: ModelFailure, partialText: string) {
    const details = upstream === undefined ? { model } : { model, ...upstreamDetails(upstream) }
    super(failureKinds[upstream?.status ?? 0] ?? 'upstream', code, `The model "${model}" ${problem}.`, details, { cause })
    this.problem = problem
    this.partialText = partialText
    this.isUnreachable = isUnreachable
  }
}

/** The account has no key of its own for that provider. */
export class ProviderKeyNotFound extends AppError {
  constructor(provider: string) {
    super('not_found', 'PROVIDER_KEY_NOT_FOUND', `You have no key of your own for ${provider}.`, { provider })
  }
}

/** No provider here has the model that was asked for, or there is none at all. `details`: `model`, and as ModelFailed has them. */
export class ModelNotFound extends AppError {
  /** @param why The providers that are set up; or the failure of the one that should have it. */
  constructor(model: string, why: string[] | Pick<ModelFailed, 'problem' | 'details'>) {
    const isHere = Array.isArray(why)
    const message = isHere ? `There is no model "${model}" here. ${sayConfigured(why)}` : `The model "${model}" ${why.problem}.`
    super('not_found', 'MODEL_NOT_FOUND', message, isHere ? { model, configured: why } : { ...why.details, model })
  }
}

/** The plan does not cover the model. `allowedModels` are those it covers. */
export class ModelNotCovered extends AppError {
  constructor(model: string, allowedModels: readonly string[]) {
    super('forbidden', 'MODEL_RESTRICTED', `The model "${model}" needs a bigger plan.`, { model, allowedModels })
  }
}

/** Statuses by which a provider says that the request is at fault, not it. */
const refusalKinds: Record<number, ErrorKind> = { 400: 'invalid_input', 413: 'too_large', 422: 'unprocessable' }

/** Whether the provider says that the request itself is wrong. */
export const isRequestAtFault = ({ upstream }: ModelFailure): boolean => upstream !== undefined && upstream.status in refusalKinds

/** Whether an error says that a model did not take what it was asked. */
export const isRefusedRequest = (error: unknown): error is ModelFailed =>
  error instanceof ModelFailed && Number(error.details.upstreamStatus) in refusalKinds

/**
 * The provider says that the request itself is wrong. Another model would hardly say anything else. `details`: `model`,
 * `upstreamStatus` and the provider's own `upstreamCode`, `upstreamType` and `upstreamParam`, as far as it gave them.
 */
export class ModelRefusedRequest extends AppError {
  constructor(model: string, { problem, upstream, cause }: ModelFailure) {
    const details = upstream === undefined ? { model } : { model, ...upstreamDetails(upstream) }
    super(refusalKinds[upstream?.status ?? 0] ?? 'invalid_input', 'MODEL_REFUSED_REQUEST', `The model "${model}" ${problem}.`, details, {
      cause,
    })
  }
}

/** A feature that needs a provider which is not set up. */
export class ProviderNotConfigured extends AppError {
  constructor(message: string) {
    super('unavailable', 'PROVIDER_NOT_CONFIGURED', message)
  }
}
