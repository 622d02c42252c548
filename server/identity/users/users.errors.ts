import { AppError, Forbidden } from '#server/platform/core/index.ts'

export class EmailTaken extends AppError {
  constructor() {
    super('conflict', 'EMAIL_TAKEN', 'There is an account with that email already.', { field: 'email' })
  }
}

export class LastWayIn extends AppError { constructor() { super('conflict','LAST_WAY_IN','x') } }
export class SignupsClosed extends Forbidden { constructor() { super('SIGNUPS_CLOSED','x') } }
export class InviteRequired extends Forbidden { constructor() { super('INVITE_REQUIRED','x') } }
