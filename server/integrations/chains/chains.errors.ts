import { AppError } from '#server/platform/core/index.ts'

/** A feature needs a chain, and the operator has not configured it. `variable` is what is missing. */
export class ChainNotConfigured extends AppError {
  constructor(variable: string, chain = 'Tempo') {
    super('unavailable', 'CHAIN_NOT_CONFIGURED', `This server is not connected to the ${chain} chain: ${variable} is not set.`, {
      variable,
    })
  }
}

/** The chain did not answer, or answered that it is overloaded. Nothing is known about what was asked. */
export class ChainUnavailable extends AppError {
  constructor(cause: unknown, chain = 'Tempo') {
    super('unavailable', 'CHAIN_UNAVAILABLE', `The ${chain} chain does not answer. Try again shortly.`, { retryAfterSeconds: 5 }, { cause })
  }
}

/** The address in `variable` leads to another chain than the one the variable is for. `expectation` names that, such as `Base is`. */
export class UnexpectedChain extends AppError {
  constructor(variable: string, expectation: string, expected: number, actual: number) {
    super('unavailable', 'CHAIN_NOT_CONFIGURED', `${variable} is chain ${actual}, but ${expectation} chain ${expected}.`, { variable })
  }
}

/** What a contract was asked is not known: its chain did not answer, or there is no such contract on it. */
export class ChainUnreadable extends AppError {
  constructor(cause: unknown) {
    super('upstream', 'CHAIN_UNREADABLE', 'The chain could not be read. Try again shortly.', {}, { cause })
  }
}
