import { Forbidden, Unauthenticated } from '#server/platform/core/index.ts'

/** The wallet that was named has too little of the token. `required` is the token, `minBalance` is in its smallest unit. */
export class NotEnoughTokens extends Forbidden {
  constructor(required: string, minBalance: string) {
    super('NOT_ENOUGH_TOKENS', 'Not enough tokens.', { required, minBalance })
  }
}

export class FarcasterTokenMissing extends Unauthenticated {
  constructor() {
    super('fidToken: expected an identity token of Farcaster.', 'FARCASTER_TOKEN_MISSING')
  }
}

export class FarcasterSessionRefused extends Unauthenticated {
  constructor(reason: string) {
    super(`refreshToken: ${reason}`, 'FARCASTER_SESSION_REFUSED')
  }
}
