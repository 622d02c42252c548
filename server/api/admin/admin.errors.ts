import { AppError } from '#server/platform/core/index.ts'

export class PersonNotFound extends AppError {
  constructor() {
    super('not_found', 'PERSON_NOT_FOUND', 'There is no such person.')
  }
}

export class OwnAccount extends AppError {
  constructor() {
    super('conflict', 'OWN_ACCOUNT', 'That is you: nobody locks themselves out.')
  }
}

export class NoSuchWorkspace extends AppError {
  constructor() {
    super('not_found', 'WORKSPACE_NOT_FOUND', 'There is no such workspace.')
  }
}

export class HasSubscription extends AppError {
  constructor() {
    super('conflict', 'HAS_SUBSCRIPTION', 'The workspace has the plan it pays for. Change its subscription at Stripe.')
  }
}

export class NoFailedJob extends AppError {
  constructor() {
    super('not_found', 'FAILED_JOB_NOT_FOUND', 'There is no such job among those that were given up.')
  }
}
