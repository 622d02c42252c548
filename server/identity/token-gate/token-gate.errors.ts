import { AppError } from '#server/platform/core/index.ts'

export class TokenGateNotConfigured extends AppError {
  constructor() {
    super('unavailable', 'TOKEN_GATE_NOT_CONFIGURED', 'This server checks no token: TOKEN_GATING_ADDRESS is not set.', {
      variable: 'TOKEN_GATING_ADDRESS',
    })
  }
}
