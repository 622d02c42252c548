import { AppError } from '#server/platform/core/index.ts'

export class EmailTaken extends AppError {
  constructor() {
    super('conflict', 'EMAIL_TAKEN', 'There is an account with that email already.', { field: 'email' })
  }
}
