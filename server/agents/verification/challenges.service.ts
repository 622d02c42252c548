import { findAgentRow } from '../definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { createAssertionOptions, CHALLENGE_SECONDS, newChallenge } from '#server/identity/passkeys/index.ts'
import type { StartVerification, VerificationChallenge } from './verification.contract.ts'
import { NoOpenChallenge } from './verification.errors.ts'
import * as queries from './verification.queries.ts'
import { messageOf } from './verification.rules.ts'

/** A challenge that waits for its signature. */
export interface OpenChallenge {
  challenge: string
  /** The text wallets sign. */
  message: string
}

/**
 * Opens a challenge for an agent; an earlier one of the same type is not good any more.
 *
 * @throws AgentNotFound, NoPasskey
 */
export async function startVerification(ctx: AccountContext, input: StartVerification): Promise<VerificationChallenge> {
  const { agentId, verificationType: type } = input
  await findAgentRow(ctx, agentId)
  const challenge = newChallenge()
  const options = type === 'webauthn' ? await createAssertionOptions(ctx, challenge) : null
  const { expiresAt } = await queries.replaceChallenge(ctx.db, accountOf(ctx), agentId, type, challenge, CHALLENGE_SECONDS)
  const server = ctx.platform.env.APP_URL
  return { challenge, message: options ? null : messageOf({ server, agentId, type, challenge, expiresAt }), options, expiresAt }
}

/** The open challenge of an agent. @throws NoOpenChallenge */
export async function findOpenChallenge(
  ctx: AccountContext,
  { agentId, verificationType: type }: StartVerification,
): Promise<OpenChallenge> {
  const open = await queries.findChallenge(ctx.db, accountOf(ctx), agentId, type)
  if (!open) throw new NoOpenChallenge()
  return { challenge: open.challenge, message: messageOf({ ...open, server: ctx.platform.env.APP_URL, agentId, type }) }
}

/** @throws NoOpenChallenge when it was used, replaced or has expired meanwhile. */
export async function useChallenge(ctx: AccountContext, agentId: string, challenge: string): Promise<void> {
  if (!(await queries.takeChallenge(ctx.db, accountOf(ctx), agentId, challenge))) throw new NoOpenChallenge()
}
