import { formatUsd } from '#server/platform/money/index.ts'
import { AppError } from '#server/platform/core/index.ts'

export class PaymentSessionNotFound extends AppError {
  constructor() {
    super('not_found', 'SESSION_NOT_FOUND', 'There is no such payment session.')
  }
}

export class PaymentSessionNotActive extends AppError {
  constructor() {
    super('invalid_input', 'SESSION_NOT_ACTIVE', 'The payment session is closed.')
  }
}

const depositProblems = {
  DEPOSIT_NOT_FOUND: 'There is no confirmed transfer with this hash to this server. A new one takes a moment to be confirmed.',
  DEPOSIT_WRONG_SENDER: 'The transfer was sent by another wallet than `address`.',
  DEPOSIT_TOO_SMALL: 'The transfer is smaller than the deposit.',
  DEPOSIT_TOO_OLD: 'The transfer is older than your account, so it was not made for it. Make a new one.',
  DEPOSIT_OF_ANOTHER_ACCOUNT: 'The memo of the transfer gives it to another account.',
  DEPOSIT_PAYS_A_CALL: 'The transfer pays for a call of the gateway. Send the credential of that call again instead.',
  DEPOSIT_ALREADY_USED: 'The transfer has paid for something already.',
} as const

/** The transfer on the chain does not pay this deposit. */
export class DepositRefused extends AppError {
  constructor(code: keyof typeof depositProblems) {
    super('payment_required', code, depositProblems[code])
  }
}

/** Anybody can name a transfer, and nothing shows that this one was made by whoever names it. */
export class DepositUnproven extends AppError {
  /**
   * @param sign typed data (EIP-712) whose signature proves it.
   * @param memo what a transfer carries that needs no signature.
   */
  constructor(sign: Record<string, unknown>, memo: string, isSigned: boolean) {
    super(
      'payment_required',
      isSigned ? 'DEPOSIT_SIGNATURE_INVALID' : 'DEPOSIT_UNPROVEN',
      `${isSigned ? '`depositSignature` is not the signature of `address` for this account, transfer, server and chain.' : 'Nothing shows that the transfer is yours.'} Send as \`depositSignature\` what \`address\` signs of \`sign\` (EIP-712), or make the transfer with \`memo\`.`,
      { sign, memo },
    )
  }
}

const voucherProblems = {
  UNKNOWN_PLUGIN: 'There is no plugin with that name, so it has no price.',
  SIGNATURE_INVALID: 'The signature is not one of `userAddress` for this session, plugin, price, nonce and chain.',
  SESSION_NOT_FOUND: 'There is no such payment session.',
  ADDRESS_MISMATCH: 'The payment session belongs to another wallet.',
  SESSION_NOT_ACTIVE: 'The payment session is closed.',
  INSUFFICIENT_BALANCE: 'The call costs more than is left in the payment session.',
  NONCE_USED: 'A voucher with this nonce was accepted already.',
} as const

export type VoucherProblem = keyof typeof voucherProblems

export class VoucherRefused extends AppError {
  constructor(code: VoucherProblem) {
    super('invalid_input', code, voucherProblems[code])
  }
}

// The gateway's failures below have the codes its documentation gives them.

export class SessionRequired extends AppError {
  /** @param what the headers that are missing. */
  constructor(what: string) {
    super('payment_required', 'session_required', `Paying by session needs ${what}.`)
  }
}

export class SessionInvalid extends AppError {
  constructor() {
    super('payment_required', 'session_invalid', 'You have no open payment session with that id and wallet.')
  }
}

export class InsufficientSessionBalance extends AppError {
  constructor(remainingMicroUsd: number, costMicroUsd: number) {
    super('payment_required', 'insufficient_balance', 'The call costs more than is left in the payment session.', {
      session: { remaining: formatUsd(remainingMicroUsd), cost: formatUsd(costMicroUsd) },
    })
  }
}

const chargeProblems = {
  SIGNATURE_INVALID: 'The voucher is not signed by the wallet for this session, plugin, price, nonce and chain.',
  NONCE_USED: voucherProblems.NONCE_USED,
  INSUFFICIENT_BALANCE: 'The payment session could not be charged; another call was quicker.',
}

export class VoucherFailed extends AppError {
  constructor(reason: keyof typeof chargeProblems) {
    super('payment_required', 'voucher_failed', chargeProblems[reason])
  }
}
