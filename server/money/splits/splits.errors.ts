import { AppError } from '#server/platform/core/index.ts'

export class SplitNotFound extends AppError {
  constructor() {
    super('not_found', 'SPLIT_NOT_FOUND', 'There is no such split.')
  }
}

export class SplitRuleNotFound extends AppError {
  constructor() {
    super('not_found', 'SPLIT_RULE_NOT_FOUND', 'There is no such split rule.')
  }
}

/** It was shared out before, or is being. */
export class SplitProcessed extends AppError {
  constructor() {
    super('invalid_input', 'SPLIT_PROCESSED', 'The split was already processed.')
  }
}

/** `details`: USDC that are `needed`, and those in the wallet, `balance`. */
export class SplitNotCovered extends AppError {
  constructor(balance: string, needed: string) {
    const message = `The wallet has ${balance} USDC, which does not cover the ${needed} of the split.`
    super('invalid_input', 'SPLIT_NOT_COVERED', message, { balance, needed })
  }
}

/** No owner is asked, or not any more. `details.state`: how that ended; null when nobody asked. */
export class SplitNotWaiting extends AppError {
  constructor(state: string | null) {
    super('conflict', 'SPLIT_NOT_WAITING', 'The split does not wait for an owner.', { state })
  }
}
