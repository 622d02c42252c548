import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './token-gate.contract.ts'
import { examples } from './token-gate.examples.ts'
import * as service from './token-gate.service.ts'

export const tokenGate = {
  check: defineQuery({
    name: 'tokenGate.check',
    summary: 'Check token access of a wallet',
    description: 'The balance is read from the contract of the token. A chain that cannot be read is an error, not "no access".',
    access: 'public',
    bucket: 'general',
    input: contract.CheckTokenAccess,
    output: contract.TokenAccess,
    example: examples.check,
    run: service.checkTokenAccess,
  }),
  verify: defineMutation({
    name: 'tokenGate.verify',
    summary: 'Check token access of a Farcaster user',
    description: 'The same for the wallet a Farcaster user is said to have. Neither of the two is proved by it.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    input: contract.VerifyTokenAccess,
    output: contract.FarcasterTokenAccess,
    example: examples.verify,
    run: service.verifyTokenAccess,
  }),
}
