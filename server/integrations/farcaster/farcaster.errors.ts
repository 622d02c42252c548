import { AppError, Unauthenticated } from '#server/platform/core/index.ts'

export class FarcasterNotConfigured extends AppError {
  constructor() {
    super('unavailable', 'FARCASTER_NOT_CONFIGURED', 'This server does not check Farcaster identities: FARCASTER_DOMAIN is not set.', {
      variable: 'FARCASTER_DOMAIN',
    })
  }
}

/** The keys of the Farcaster auth server could not be fetched. Nothing is known about the token. */
export class FarcasterUnavailable extends AppError {
  constructor(cause: unknown) {
    super(
      'unavailable',
      'FARCASTER_UNAVAILABLE',
      'The Farcaster auth server does not answer. Try again shortly.',
      { retryAfterSeconds: 5 },
      { cause },
    )
  }
}

export class FarcasterTokenRefused extends Unauthenticated {
  constructor(reason: string) {
    super(`fidToken: ${reason}`, 'FARCASTER_TOKEN_REFUSED')
  }
}
