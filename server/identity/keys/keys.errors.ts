import { AppError } from '#server/platform/core/index.ts'

export class ApiKeyLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('rate_limited', 'API_KEY_LIMIT_REACHED', `An account can have ${limit} API keys. Delete one first.`, { current, limit })
  }
}

export class ApiKeyNotFound extends AppError {
  constructor() {
    super('not_found', 'API_KEY_NOT_FOUND', 'There is no such API key.')
  }
}

export class ApiKeyInvalid extends AppError {
  constructor(reason: string) {
    super('unauthenticated', 'INVALID_API_KEY', reason, { valid: false })
  }
}
