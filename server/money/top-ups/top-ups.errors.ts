import { InvalidInput } from '#server/platform/core/index.ts'

/** Nobody here has the wallet: the money would be nobody's. */
export class UnknownWallet extends InvalidInput {
  constructor() {
    super([{ field: 'address', message: 'expected a wallet of somebody who has an account here' }], { code: 'UNKNOWN_WALLET' })
  }
}
