import { AppError, Forbidden } from '#server/platform/core/index.ts'

export class EmailTaken extends AppError {
  constructor() {
    super('conflict', 'EMAIL_TAKEN', 'There is an account with that email already.', { field: 'email' })
  }
}

export class SignupsClosed extends Forbidden {
  constructor() {
    super('SIGNUPS_CLOSED', 'This server takes no new accounts.')
  }
}

export class InviteRequired extends Forbidden {
  constructor() {
    super('INVITE_REQUIRED', 'referralCode: this server takes new accounts by invitation only; a code of an existing account is needed.', {
      field: 'referralCode',
    })
  }
}

/** Whoever took it away could not sign in any more. */
export class LastWayIn extends AppError {
  constructor() {
    super('conflict', 'LAST_WAY_IN', 'It is the last way you have to sign in. Add another one first, such as a passkey or a password.')
  }
}
