import { AppError, Unauthenticated } from '#server/platform/core/index.ts'

export class PasskeyNotFound extends AppError {
  constructor() {
    super('not_found', 'PASSKEY_NOT_FOUND', 'There is no such passkey.')
  }
}

export class PasskeyLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('rate_limited', 'PASSKEY_LIMIT_REACHED', `An account can have ${limit} passkeys. Remove one first.`, { current, limit })
  }
}

export class PasskeyChallengeUnknown extends AppError {
  constructor() {
    super('invalid_input', 'CHALLENGE_UNKNOWN', 'challenge: it was never given out to you, is used already, or has expired.', {
      field: 'challenge',
    })
  }
}

/** Registered already, by whomever: who it was is not told. */
export class PasskeyKnown extends AppError {
  constructor() {
    super('invalid_input', 'PASSKEY_KNOWN', 'credential: this passkey is registered already.', { field: 'credential' })
  }
}

/** What the browser sent is not what a passkey of this site would have signed. */
export class PasskeyRefused extends AppError {
  constructor(reason: string, cause?: unknown) {
    super('invalid_input', 'PASSKEY_REFUSED', `The passkey does not verify: ${reason}`, { reason }, { cause })
  }
}

export class NoPasskey extends AppError {
  constructor() {
    super('invalid_input', 'PASSKEY_NEEDED', 'The account has no passkey. Register one first.')
  }
}

export class NoPasskeyToSignInWith extends AppError {
  constructor() {
    super('not_found', 'PASSKEY_NOT_FOUND', 'There is no such account, or it has no passkey.')
  }
}

/** The same as PasskeyRefused, of somebody who wants to sign in. */
export class PasskeySignInRefused extends Unauthenticated {
  constructor(reason: string, cause?: unknown) {
    super(`The passkey does not verify: ${reason}`, 'PASSKEY_REFUSED')
    this.cause = cause
  }
}
