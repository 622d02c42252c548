import { Unauthenticated } from '#server/platform/core/index.ts'

/** What a wallet signed does not show that its holder wants in here and now. */
export class WalletRefused extends Unauthenticated {
  constructor(reason: string) {
    super(reason, 'WALLET_REFUSED')
  }
}
