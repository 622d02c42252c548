import { AppError, Forbidden } from '#server/platform/core/index.ts'

/** The price is not one the operator sells credits for, or no longer one that can be sold. */
export class InvalidPrice extends AppError {
  constructor() {
    super('invalid_input', 'INVALID_PRICE', 'price: expected the id of a price that this server sells credits for')
  }
}

export class InvalidPlan extends AppError {
  constructor() {
    super('invalid_input', 'INVALID_PLAN', 'plan: expected solo, collective, label or network')
  }
}

/** The account has a plan already: another one is a change of it, not a second subscription. */
export class PlanRunning extends AppError {
  constructor(plan: string) {
    super('conflict', 'PLAN_RUNNING', `The account has the plan ${plan} already. Change it instead.`, { plan })
  }
}

export class CheckoutForbidden extends Forbidden {
  constructor() {
    super('CHECKOUT_FORBIDDEN', 'The checkout belongs to someone else.')
  }
}

export class CheckoutUnpaid extends AppError {
  constructor() {
    super('payment_required', 'CHECKOUT_UNPAID', 'The checkout has not been paid yet.')
  }
}

/** Who only looks at a workspace buys nothing for it. */
export class MayNotBuy extends Forbidden {
  constructor() {
    super('FORBIDDEN', 'Your role in this workspace does not let you buy for it.')
  }
}
