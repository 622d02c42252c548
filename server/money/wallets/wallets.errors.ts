import { AppError, InvalidInput } from '#server/platform/core/index.ts'

/** Documented as a 400. */
export class WalletExists extends InvalidInput {
  constructor() {
    super([{ field: 'action', message: 'there is a wallet already' }], { code: 'WALLET_EXISTS' })
  }
}

export class WalletNotFound extends AppError {
  constructor() {
    super('not_found', 'WALLET_NOT_FOUND', 'This workspace has no wallet yet.')
  }
}

/** Whoever knows a key that is kept here already learns no more than that. */
export class WalletKeyKnown extends InvalidInput {
  constructor() {
    super([{ field: 'privateKey', message: 'expected a key that is not kept here already' }], { code: 'WALLET_KEY_KNOWN' })
  }
}

export class WalletLimitReached extends AppError {
  constructor(limit: number) {
    super('conflict', 'WALLET_LIMIT_REACHED', `A workspace has at most ${limit} wallets of the test network.`, { limit })
  }
}
