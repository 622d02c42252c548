import { findAgentRow } from '../definitions/index.ts'
import type { AgentRef } from '../definitions/agents.contract.ts'
import { accountOf, type AccountContext, inTransaction } from '#server/platform/core/index.ts'
import { checkAssertion, recordAssertion } from '#server/identity/passkeys/index.ts'
import { findOpenChallenge, useChallenge } from './challenges.service.ts'
import { proveWallet } from './prove-wallet.ts'
import { recheckVerification } from './recheck.service.ts'
import { requireEvidence } from './required-evidence.rules.ts'
import type { Verification, VerificationResult, VerifyAgent } from './verification.contract.ts'
import * as queries from './verification.queries.ts'

const unverified: Verification = {
  verified: false,
  verificationType: null,
  attestationUid: null,
  verifierAddress: null,
  verifiedAt: null,
  metadata: null,
}

/**
 * Whether an agent is verified. What a chain said is asked again when that was more than a day ago.
 *
 * @throws AgentNotFound
 */
export async function getVerification(ctx: AccountContext, { agentId }: AgentRef): Promise<Verification> {
  await findAgentRow(ctx, agentId)
  const stored = await findChecked(ctx, agentId)
  if (!stored) return unverified
  const lapsed = stored.lapsedReason ?? (stored.isExpired ? `The attestation expired at ${stored.expiresAt}.` : null)
  return {
    verified: lapsed === null,
    verificationType: stored.type as Verification['verificationType'],
    attestationUid: stored.attestationUid,
    verifierAddress: stored.wallet,
    verifiedAt: lapsed === null ? stored.verifiedAt : null,
    metadata: { ...(stored.metadata as Record<string, unknown>), ...(lapsed === null ? {} : { lapsed }) },
  }
}

async function findChecked(ctx: AccountContext, agentId: string) {
  const stored = await queries.findVerification(ctx.db, accountOf(ctx), agentId)
  if (!stored?.isDue) return stored
  await recheckVerification(ctx, agentId)
  return queries.findVerification(ctx.db, accountOf(ctx), agentId)
}

/**
 * Verifies an agent. Nothing of what the caller says is believed: evidence is read from its chain, and whoever
 * calls has to sign a challenge with the wallet, or the passkey, that the evidence is about.
 *
 * @throws AgentNotFound, InvalidInput, EvidenceRefused, NoOpenChallenge, PasskeyRefused, VerifierNotConfigured,
 *   ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function verifyAgent(ctx: AccountContext, input: VerifyAgent): Promise<VerificationResult> {
  const { agentId, verificationType: type } = input
  await findAgentRow(ctx, agentId)
  const stored = type === 'webauthn' ? await verifyByPasskey(ctx, input) : await verifyByWallet(ctx, type, input)
  return { success: true, verified: true, verificationType: type, ...stored }
}

type Stored = Pick<VerificationResult, 'attestationUid' | 'verifiedAt'>

async function verifyByWallet(ctx: AccountContext, type: 'eas' | 'coinbase' | 'ens', input: VerifyAgent): Promise<Stored> {
  const { agentId, metadata } = input
  const { challenge, wallet, evidence } = await proveWallet(ctx, type, input)
  const { attestationUid, expiresAt, facts } = evidence
  return inTransaction(ctx.db, async (db) => {
    await useChallenge({ ...ctx, db }, agentId, challenge)
    const row = { type, attestationUid, wallet, passkeyId: null, metadata: { ...metadata, ...facts }, expiresAt }
    const { verifiedAt } = await queries.replaceVerification(db, accountOf(ctx), agentId, row)
    return { attestationUid, verifiedAt }
  })
}

async function verifyByPasskey(ctx: AccountContext, input: VerifyAgent): Promise<Stored> {
  const { agentId, metadata } = input
  const { signature } = requireEvidence(input, ['signature'])
  const { challenge } = await findOpenChallenge(ctx, input)
  const assertion = await checkAssertion(ctx, signature, challenge)
  const { passkeyId, credentialId, label } = assertion
  const attestationUid = `webauthn:${credentialId}`
  return inTransaction(ctx.db, async (db) => {
    await useChallenge({ ...ctx, db }, agentId, challenge)
    await recordAssertion({ ...ctx, db }, assertion)
    const row = { type: 'webauthn', attestationUid, wallet: null, passkeyId, metadata: { ...metadata, passkey: label }, expiresAt: null }
    const { verifiedAt } = await queries.replaceVerification(db, accountOf(ctx), agentId, row)
    return { attestationUid, verifiedAt }
  })
}

/** There need not be one. @throws AgentNotFound */
export async function removeVerification(ctx: AccountContext, { agentId }: AgentRef): Promise<{ success: true }> {
  await findAgentRow(ctx, agentId)
  await queries.deleteVerification(ctx.db, accountOf(ctx), agentId)
  return { success: true }
}
