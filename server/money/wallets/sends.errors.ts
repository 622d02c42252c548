import { AppError } from '#server/platform/core/index.ts'

export class SendNotFound extends AppError {
  constructor(sendId: string) {
    super('not_found', 'SEND_NOT_FOUND', `There is no payment "${sendId}".`, { sendId })
  }
}

export class SendDecided extends AppError {
  constructor(state: string) {
    super('conflict', 'SEND_DECIDED', 'The payment no longer waits for anybody.', { state })
  }
}

/** What there is does not cover the payment, or its gas. `problem` says which. */
export class WalletFundsTooLow extends AppError {
  constructor(problem: string) {
    super('payment_required', 'WALLET_FUNDS_TOO_LOW', problem)
  }
}

export class WrongNetwork extends AppError {
  constructor(network: string) {
    super('unavailable', 'CHAIN_NOT_CONFIGURED', `The wallet is on ${network}, and this server is not connected to that.`)
  }
}

export class PolicyNotFound extends AppError {
  constructor(kind: 'policy' | 'agent', id: string) {
    super('not_found', kind === 'policy' ? 'POLICY_NOT_FOUND' : 'AGENT_NOT_FOUND', `There is no ${kind} "${id}".`)
  }
}

/** A policy of the workspace does not let it be paid. */
export class PaymentNeedsOwner extends AppError {
  constructor(reason: string) {
    super('forbidden', 'PAYMENT_NEEDS_OWNER', reason)
  }
}
