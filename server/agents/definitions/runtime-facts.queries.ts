import { sql } from 'kysely'

/** What the runtime of an agent last said of itself; mostly nulls for agents that run inside the server. */
export interface RuntimeFacts {
  /** Where its gateway takes calls, as the server reaches it. */
  gatewayUrl: string | null
  version: string | null
  /** The last image it really ran on, inside the server too. */
  image: string | null
  /** Why it is not well. */
  reason: string | null
  /** When its state was last seen; ISO 8601 as Postgres writes it. */
  seenAt: string | null
}

/** Part of every row of `agents` that is read; null for an agent that was never started. */
export const runtimeFacts = sql<RuntimeFacts | null>`(
  select jsonb_build_object('gatewayUrl', w.gateway_url, 'version', w.runtime_version, 'image', w.runtime_image, 'reason', w.reason, 'seenAt', w.seen_at)
  from agent_watches w where w.account_id = agents.account_id and w.agent_id = agents.id)`.as('runtime')
