import { AppError, Forbidden, InvalidInput } from '#server/platform/core/index.ts'

export class LinkNotGood extends InvalidInput {
  constructor() {
    super([{ field: 'token', message: 'this link is wrong, was used, or has expired. Ask for another one.' }], { code: 'LINK_NOT_GOOD' })
  }
}

export class LinkOfSomebodyElse extends Forbidden {
  constructor() {
    super('LINK_OF_SOMEBODY_ELSE', 'token: this link is for another account than the one you are signed in with.', { field: 'token' })
  }
}

export class EmailAlreadyVerified extends AppError {
  constructor() {
    super('conflict', 'EMAIL_ALREADY_VERIFIED', 'Your address is verified already.')
  }
}

export class NoEmail extends AppError {
  constructor() {
    super('conflict', 'NO_EMAIL', 'Your account has no email address. Set one first.')
  }
}

export class TooManyLinks extends AppError {
  constructor(retryAfterSeconds: number) {
    super('rate_limited', 'TOO_MANY_LINKS', 'Several links were sent to your address already. Look in your inbox, and among the spam.', {
      retryAfterSeconds,
    })
  }
}
