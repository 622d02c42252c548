import { AppError } from '#server/platform/core/index.ts'

/** The operator has not set up the provider; documented as a 500 that says what to set. */
export class HostedWalletsNotConfigured extends AppError {
  constructor(variable: string) {
    super('internal', 'WALLET_PROVIDER_NOT_CONFIGURED', 'This server has no wallet provider.', { setup: `Set ${variable}.` })
  }
}

/** The provider did not answer, or refused; documented as a 500. */
export class HostedWalletsFailed extends AppError {
  constructor(cause: unknown) {
    super('internal', 'WALLET_PROVIDER_FAILED', 'The wallet provider did not do it. Try again shortly.', {}, { cause })
  }
}
