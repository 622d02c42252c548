import { z } from 'zod'
import { VerificationType } from '../definitions/agents.contract.ts'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { WebAuthnOptions } from '#server/identity/passkeys/passkeys.contract.ts'

export const Verification = z
  .object({
    verified: z.boolean().describe('Whether it is verified now.'),
    verificationType: VerificationType.nullable(),
    attestationUid: z
      .string()
      .nullable()
      .describe('What was checked: uid of the attestation, `ens:` and the name, `webauthn:` and the credential.'),
    verifierAddress: z.string().nullable().describe('Wallet that was proven; null for a passkey.'),
    verifiedAt: timestamp.nullable().describe('When it was verified; null when it is not.'),
    metadata: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What the caller added, and what was found out. `lapsed` says why a verification holds no longer.'),
  })
  .meta({ id: 'Verification', description: 'Whether an agent is verified, and how.' })
export type Verification = z.infer<typeof Verification>

const wallet = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address, 0x and 40 hex digits')
const MAX_METADATA_LENGTH = 8000

export const VerifyAgent = z.object({
  agentId: z.string().min(1).describe('Id of the agent.'),
  verificationType: VerificationType,
  verified: z.boolean().optional().meta({ description: 'Accepted for older clients and ignored; the server decides.', deprecated: true }),
  attestationUid: z
    .string()
    .min(1, 'expected the uid of an attestation')
    .max(200)
    .optional()
    .describe('Needed for `eas`. For `coinbase`, the newest attestation of the wallet is looked up when left out.'),
  verifierAddress: wallet.optional().describe('Wallet that verifies: the same as `walletAddress`, for clients that send only one of them.'),
  walletAddress: wallet
    .optional()
    .describe('Wallet that signed. Needed for `ens`; for `eas` and `coinbase`, this one or `verifierAddress`.'),
  signature: z
    .string()
    .min(1, 'expected a signature')
    .max(50_000)
    .optional()
    .describe(
      'Needed always. What the wallet signed is the message of an open challenge (EIP-191). For `webauthn`: the answer of the browser credentials API, as JSON.',
    ),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(
      (metadata) => JSON.stringify(metadata).length <= MAX_METADATA_LENGTH,
      `expected at most ${MAX_METADATA_LENGTH} characters of JSON`,
    )
    .optional()
    .describe('Kept and shown with what the server found out, which takes precedence.'),
})
export type VerifyAgent = z.infer<typeof VerifyAgent>

export const VerificationResult = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    verified: z.boolean().describe('Whether the agent is verified now.'),
    verificationType: VerificationType,
    attestationUid: z.string().nullable().describe('What was checked; null where there is nothing to name.'),
    verifiedAt: timestamp.nullable().describe('When it was verified.'),
  })
  .meta({ id: 'VerificationResult', description: 'A verification that was accepted.' })
export type VerificationResult = z.infer<typeof VerificationResult>

export const StartVerification = z.object({ agentId: z.string().min(1).describe('Id of the agent.'), verificationType: VerificationType })
export type StartVerification = z.infer<typeof StartVerification>

export const VerificationChallenge = z
  .object({
    challenge: z.string().describe('Random bytes, as hex digits after `0x`. Good once.'),
    message: z.string().nullable().describe('Text the wallet signs (EIP-191); null for `webauthn`.'),
    options: WebAuthnOptions.nullable().describe('Options for the browser credentials API; null for wallets.'),
    expiresAt: timestamp.describe('Until when it can be answered.'),
  })
  .meta({ id: 'VerificationChallenge', description: 'What has to be signed to verify an agent.' })
export type VerificationChallenge = z.infer<typeof VerificationChallenge>

export const VerificationRemoved = Success
