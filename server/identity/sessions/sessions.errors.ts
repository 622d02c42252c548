import { AppError } from '#server/platform/core/index.ts'

export class SessionNotFound extends AppError {
  constructor() {
    super('not_found', 'SESSION_NOT_FOUND', 'You have no such session.')
  }
}

export class WrongPassword extends AppError {
  constructor() {
    super('unauthenticated', 'WRONG_PASSWORD', 'password: that is not your password.', { field: 'password' })
  }
}
