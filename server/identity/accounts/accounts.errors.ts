import { AppError, Forbidden, Unauthenticated } from '#server/platform/core/index.ts'

export class WrongCredentials extends Unauthenticated {
  constructor() {
    super('Email or password is wrong.', 'WRONG_CREDENTIALS')
  }
}

export class WrongPassword extends AppError {
  constructor() {
    super('unauthenticated', 'WRONG_PASSWORD', 'currentPassword: that is not your current password.', { field: 'currentPassword' })
  }
}

export class NoPassword extends AppError {
  constructor() {
    super('conflict', 'NO_PASSWORD', 'currentPassword: you sign in without a password. Set one with "Forgot password" first.', {
      field: 'currentPassword',
    })
  }
}

export class EmailNeedsSession extends Forbidden {
  constructor() {
    super('SESSION_REQUIRED', 'email: an API key cannot change it; sign in to do so.', { field: 'email' })
  }
}

export class AccountGone extends AppError {
  constructor() {
    super('not_found', 'ACCOUNT_NOT_FOUND', 'The account is gone.')
  }
}
