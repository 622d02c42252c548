import { AppError, Forbidden, Unauthenticated } from '#server/platform/core/index.ts'

export class ProviderNotConfigured extends AppError {
  constructor(provider: string) {
    super('unavailable', 'PROVIDER_NOT_CONFIGURED', `provider: signing in with ${provider} is not set up on this server.`, {
      field: 'provider',
    })
  }
}

/** It was never started, is used up, has taken too long, or belongs to another browser: which one is not told. */
export class SignInExpired extends Unauthenticated {
  constructor() {
    super('This sign-in was not started here, or has taken too long. Start again.', 'SIGN_IN_EXPIRED')
  }
}

/** Taking an account over by its address alone would be too easy: somebody has to be signed in to connect it. */
export class AccountExists extends AppError {
  constructor(provider: string) {
    super(
      'conflict',
      'ACCOUNT_EXISTS',
      `There is an account with the address you have at ${provider}. Sign in to it first, then connect ${provider} in its settings.`,
    )
  }
}

export class LinkNeedsSession extends Forbidden {
  constructor() {
    super('LINK_NEEDS_SESSION', 'You are not signed in any more as whoever asked to connect this. Sign in and start again.')
  }
}
