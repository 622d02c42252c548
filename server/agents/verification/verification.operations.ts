import { AgentRef } from '../definitions/agents.contract.ts'
import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import { startVerification } from './challenges.service.ts'
import * as contract from './verification.contract.ts'
import * as service from './verification.service.ts'
import { examples } from './verification.examples.ts'

const write = { access: 'account', scope: 'agents:write', bucket: 'agents' } as const

export const verification = {
  get: defineQuery({
    name: 'verification.get',
    summary: 'Get the verification status of an agent',
    description: 'What a chain said is asked again when that was more than a day ago.',
    access: 'account',
    scope: 'agents:read',
    bucket: 'agents',
    input: AgentRef,
    output: contract.Verification,
    example: examples.get,
    run: service.getVerification,
  }),
  start: defineMutation({
    ...write,
    name: 'verification.start',
    summary: 'Get a challenge to verify an agent with',
    description: 'The wallet, or a passkey of the account, signs it. Good once and for 5 minutes; a new one of the same type replaces it.',
    input: contract.StartVerification,
    output: contract.VerificationChallenge,
    example: examples.start,
    run: startVerification,
  }),
  verify: defineMutation({
    ...write,
    name: 'verification.verify',
    summary: 'Verify an agent',
    description:
      'Checks an attestation on Base (`eas`, `coinbase`), the primary ENS name of a wallet (`ens`) or a passkey (`webauthn`), and that the caller holds the wallet or passkey.',
    // It asks a chain.
    transaction: false,
    input: contract.VerifyAgent,
    output: contract.VerificationResult,
    example: examples.verify,
    run: service.verifyAgent,
  }),
  remove: defineMutation({
    ...write,
    name: 'verification.remove',
    summary: 'Remove the verification of an agent',
    input: AgentRef,
    output: contract.VerificationRemoved,
    example: examples.remove,
    run: service.removeVerification,
  }),
}
