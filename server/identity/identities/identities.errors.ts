import { AppError } from '#server/platform/core/index.ts'

/** Whose it is is not told. */
export class IdentityTaken extends AppError {
  constructor() {
    super('conflict', 'IDENTITY_TAKEN', 'Somebody signs in with it already. If that is you, sign in with it and unlink it there first.')
  }
}

export class IdentityNotFound extends AppError {
  constructor() {
    super('not_found', 'IDENTITY_NOT_FOUND', 'You have no such sign-in.')
  }
}

export class IdentityLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('rate_limited', 'IDENTITY_LIMIT_REACHED', `One person can have ${limit} sign-ins elsewhere. Unlink one first.`, {
      current,
      limit,
    })
  }
}
