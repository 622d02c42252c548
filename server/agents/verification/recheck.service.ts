import type { Address } from 'viem'
import { accountOf, type AccountContext, AppError } from '#server/platform/core/index.ts'
import { readEvidence, type ChainVerification } from './evidence.ts'
import { EvidenceRefused } from './verification.errors.ts'
import * as queries from './verification.queries.ts'

/**
 * Asks the chain again about a verification that was last checked more than a day ago; it lapses when the chain
 * no longer bears it out. While the chain cannot be asked it stays as it is, and is tried again after an hour:
 * an outage says nothing about the attestation.
 */
export async function recheckVerification(ctx: AccountContext, agentId: string): Promise<void> {
  const due = await queries.claimCheck(ctx.db, accountOf(ctx), agentId)
  if (!due) return
  const { type, attestationUid, wallet } = due
  try {
    const evidence = await readEvidence[type as ChainVerification](ctx.platform, { wallet: wallet as Address, attestationUid })
    await queries.recordCheck(ctx.db, accountOf(ctx), agentId, due, { expiresAt: evidence.expiresAt, lapsedReason: null })
  } catch (error) {
    if (error instanceof EvidenceRefused) await queries.recordCheck(ctx.db, accountOf(ctx), agentId, due, { lapsedReason: error.message })
    else if (error instanceof AppError && error.kind === 'unavailable')
      ctx.log.warn({ err: error, agentId }, 'a verification could not be checked again')
    else throw error
  }
}
