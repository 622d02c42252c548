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

/** TEMPO_RPC_URL leads to a chain whose money is not the money that was configured. */
export class WrongChain extends AppError {
  constructor(expected: number, actual: number) {
    super('unavailable', 'CHAIN_NOT_CONFIGURED', `TEMPO_RPC_URL is chain ${actual}, but TEMPO_TESTNET asks for chain ${expected}.`)
  }
}

/** The address in `variable` leads to another chain than the one the variable is for. */
export class UnexpectedChain extends AppError {
  constructor(variable: string, chain: string, expected: number, actual: number) {
    super('unavailable', 'CHAIN_NOT_CONFIGURED', `${variable} is chain ${actual}, but ${chain} is chain ${expected}.`, { variable })
  }
}
