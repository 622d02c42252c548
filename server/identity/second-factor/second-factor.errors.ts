import { AppError, Unauthenticated } from '#server/platform/core/index.ts'

/** The first step of a sign-in went well; `details.ticket` stands for it in the second. */
export class TwoFactorRequired extends AppError {
  readonly ticket: string
  constructor(ticket: string) {
    super('unauthenticated', 'TWO_FACTOR_REQUIRED', 'code: a code of your authenticator app, or a recovery code, is needed as well.', {
      field: 'code',
      ticket,
    })
    this.ticket = ticket
  }
}

export class WrongCode extends AppError {
  constructor() {
    super('unauthenticated', 'WRONG_CODE', 'code: that code is wrong, or was used already.', { field: 'code' })
  }
}

export class SecondFactorLocked extends AppError {
  constructor() {
    super(
      'unauthenticated',
      'SECOND_FACTOR_LOCKED',
      'code: there were too many wrong codes in a row. Use a recovery code, or sign in with a passkey.',
      { field: 'code' },
    )
  }
}

export class TicketUnknown extends Unauthenticated {
  constructor() {
    super('This sign-in is over, or has taken too long. Start again.', 'SIGN_IN_EXPIRED')
  }
}

export class SecondFactorActive extends AppError {
  constructor() {
    super('conflict', 'SECOND_FACTOR_ACTIVE', 'There is a second factor already. Switch it off first.')
  }
}

export class SecondFactorInactive extends AppError {
  constructor() {
    super('conflict', 'SECOND_FACTOR_INACTIVE', 'There is no second factor.')
  }
}

export class SetupNotBegun extends AppError {
  constructor() {
    super('conflict', 'SECOND_FACTOR_NOT_BEGUN', 'Begin first: there is no secret that waits for its first code.')
  }
}
