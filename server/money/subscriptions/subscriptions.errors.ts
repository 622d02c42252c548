import { AppError } from '#server/platform/core/index.ts'

export class NoPlanRunning extends AppError {
  constructor() {
    super('conflict', 'NO_PLAN_RUNNING', 'The account has no plan that is paid. Buy one instead.')
  }
}

/** The card was refused for the difference; the account keeps the plan it has until it is paid. */
export class ChangeUnpaid extends AppError {
  constructor(plan: string) {
    super('payment_required', 'CHANGE_UNPAID', `The payment for the other plan failed. The account keeps ${plan} until it is paid.`, {
      plan,
    })
  }
}
