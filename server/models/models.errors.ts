import { AppError } from '../core/errors.ts'
import type { ErrorKind } from '../core/errors.ts'

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
