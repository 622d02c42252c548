import { AppError } from '#server/platform/core/index.ts'

/** The evidence was looked at and does not prove what it should. Nothing is stored. */
export class EvidenceRefused extends AppError {
  constructor(reason: string) {
    super('invalid_input', 'EVIDENCE_REFUSED', reason)
  }
}

export class NoOpenChallenge extends AppError {
  constructor() {
    super(
      'invalid_input',
      'CHALLENGE_NEEDED',
      'signature: there is no open challenge for this agent and type. Ask for one, sign it, and verify within 5 minutes.',
      { field: 'signature' },
    )
  }
}

/** The operator has not said whose attestations count. */
export class VerifierNotConfigured extends AppError {
  constructor(variable: string) {
    super(
      'unavailable',
      'VERIFIER_NOT_CONFIGURED',
      `This server accepts no attestations of its own choice yet: ${variable} is not set, and without it none counts.`,
      { variable },
    )
  }
}
