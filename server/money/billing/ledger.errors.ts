import { AppError } from '#server/platform/core/index.ts'
import { formatUsd, type MicroUsd } from '#server/platform/money/index.ts'

export class InsufficientCredits extends AppError {
  constructor(balanceMicroUsd: MicroUsd, neededMicroUsd: MicroUsd) {
    const [balance, needed] = [formatUsd(balanceMicroUsd), formatUsd(neededMicroUsd)]
    super(
      'payment_required',
      'INSUFFICIENT_CREDITS',
      `The balance of ${balance} US dollars does not cover ${needed}. Top up credits first.`,
      {
        balance,
        needed,
      },
    )
  }
}

export class HoldNotFound extends AppError {
  constructor() {
    super('not_found', 'HOLD_NOT_FOUND', 'There is no such hold.')
  }
}

/** The hold has ended already, and not in the way that was asked for. */
export class HoldEnded extends AppError {
  constructor(state: string) {
    super('conflict', 'HOLD_ENDED', `The hold is ${state} already.`, { state })
  }
}
