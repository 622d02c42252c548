import { sql } from 'kysely'

/** How an agent is verified, as its row says it: only what holds now. */
export interface VerificationFacts {
  type: string
  attestationUid: string
  /** ISO 8601 as Postgres writes it. */
  verifiedAt: string
  /** Whether its chain was last asked more than a day ago. */
  isDue: boolean
}

/** Part of every row of `agents` that is read; null when the agent is not verified. */
export const verificationFacts = sql<VerificationFacts | null>`(
  select jsonb_build_object('type', v.type, 'attestationUid', v.attestation_uid, 'verifiedAt', v.verified_at,
    'isDue', v.type <> 'webauthn' and v.checked_at < now() - interval '24 hours')
  from agent_verifications v
  where v.account_id = agents.account_id and v.agent_id = agents.id
    and v.lapsed_reason is null and (v.expires_at is null or v.expires_at > now()))`.as('verification')
