import { AppError } from '#server/platform/core/index.ts'

/** The provider, or the person there, said no, or what came back does not belong to what was asked. */
export class SignInRefused extends AppError {
  constructor(provider: string, reason: string, cause?: unknown) {
    super('unauthenticated', 'SIGN_IN_REFUSED', `Signing in with ${provider} did not work: ${reason}`, {}, { cause })
  }
}

/** Nothing is wrong with the person or their answer: the provider cannot be asked, or answers what it should not. */
export class ProviderUnavailable extends AppError {
  constructor(provider: string, cause: unknown) {
    super(
      'unavailable',
      'SIGN_IN_PROVIDER_UNAVAILABLE',
      `${provider} cannot be asked at the moment. Try again shortly.`,
      { retryAfterSeconds: 15 },
      { cause },
    )
  }
}
