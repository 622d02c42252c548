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

/** How a model call went wrong. `upstreamStatus` is the provider's HTTP status, when it gave one. */
export interface ModelFailure {
  code: 'MODEL_FAILED' | 'MODEL_TIMEOUT'
  /** What happened, as the end of a sentence that begins with the model's name. */
  problem: string
  upstreamStatus?: number
  cause?: unknown
}

/**
 * The provider failed, or did not finish in time. `details`: `model`, and `upstreamStatus` when
 * there is one. The message is safe to show; `cause` is for the log only.
 */
export class ModelFailed extends AppError {
  /** What the model had said until then, of all steps; may be empty. Not part of the answer to the caller. */
  readonly partialText: string

  constructor(model: string, { code, problem, upstreamStatus, cause }: ModelFailure, partialText: string) {
    const details = upstreamStatus === undefined ? { model } : { model, upstreamStatus }
    super('upstream', code, `The model "${model}" ${problem}.`, details, { cause })
    this.partialText = partialText
  }
}

/** The account has no key of its own for that provider. */
export class ProviderKeyNotFound extends AppError {
  constructor(provider: string) {
    super('not_found', 'PROVIDER_KEY_NOT_FOUND', `You have no key of your own for ${provider}.`, { provider })
  }
}

/** No provider here has the model that was asked for, or there is none at all. `details`: `model`. */
export class ModelNotFound extends AppError {
  /** @param configured The providers that are set up; left out when the provider itself does not know the model. */
  constructor(model: string, configured?: string[]) {
    const why = configured ? `here. ${sayConfigured(configured)}` : 'at the provider it was asked of.'
    super('not_found', 'MODEL_NOT_FOUND', `There is no model "${model}" ${why}`, configured ? { model, configured } : { model })
  }
}

/** The plan does not cover the model. `allowedModels` are those it covers. */
export class ModelNotCovered extends AppError {
  constructor(model: string, allowedModels: readonly string[]) {
    super('forbidden', 'MODEL_RESTRICTED', `The model "${model}" needs a bigger plan.`, { model, allowedModels })
  }
}

/** The provider says that the request itself is wrong. Another model would hardly say anything else. */
export class ModelRefusedRequest extends AppError {
  constructor(model: string, problem: string) {
    super('invalid_input', 'MODEL_REFUSED_REQUEST', `The model "${model}" ${problem}.`, { model })
  }
}

/** A feature that needs a provider which is not set up. */
export class ProviderNotConfigured extends AppError {
  constructor(message: string) {
    super('unavailable', 'PROVIDER_NOT_CONFIGURED', message)
  }
}
