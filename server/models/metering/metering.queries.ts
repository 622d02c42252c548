import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { BudgetWindow } from '#server/money/budgets/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** One call of a model, as it is stored. */
export interface UsageRow {
  id: string
  accountId: AccountId
  agentId: string | null
  keyId: string | null
  kind: 'chat' | 'embedding' | 'speech' | 'transcription'
  provider: string
  model: string
  outcome: 'ok' | 'failed' | 'aborted'
  /** Null where nobody counted. */
  inputTokens: number | null
  outputTokens: number | null
  /** Billionths of a US dollar; null when the price is unknown. */
  costNanoUsd: number | null
  isOwnKey: boolean
  /** The tokens were estimated, because the answer was cut off before the provider said how many. */
  isEstimated: boolean
  /** It was paid by itself, and counts against no limit. */
  isPrepaid: boolean
  latencyMs: number
  firstTokenMs: number | null
  createdAt: string
  /** By which its provider can be asked about it. */
  generationId?: string
  /** It is to be asked what the call took, as it did not say so. */
  lookup?: 'due'
  /** What is corrected then; undefined for a call whose end nobody saw, of which all that was set aside counts as spent. */
  countedIn?: BudgetWindow[]
}

/** Stores calls of several accounts at once; those of accounts that are gone, and those stored before, are left out. */
export const insertUsage = (systemDb: Db, rows: UsageRow[]) =>
  sql`
  insert into usage_events
    (id, account_id, agent_id, key_id, kind, provider, model, outcome, input_tokens, output_tokens, cost_nano_usd, is_own_key, is_estimated,
      is_prepaid, latency_ms, first_token_ms, created_at, generation_id, lookup, counted_in)
  select call.id, accounts.id, call."agentId", call."keyId", call.kind, call.provider, call.model, call.outcome, call."inputTokens",
    call."outputTokens", call."costNanoUsd", call."isOwnKey", call."isEstimated", call."isPrepaid", call."latencyMs", call."firstTokenMs", call."createdAt",
    call."generationId", call.lookup, call."countedIn"
  from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as call
    (id text, "accountId" text, "agentId" text, "keyId" text, kind text, provider text, model text, outcome text, "inputTokens" int,
      "outputTokens" int, "costNanoUsd" bigint, "isOwnKey" boolean, "isEstimated" boolean, "isPrepaid" boolean, "latencyMs" int,
      "firstTokenMs" int, "createdAt" timestamptz, "generationId" text, lookup text, "countedIn" jsonb)
  join accounts on accounts.id = call."accountId"
  on conflict (id) do nothing`.execute(systemDb)

/** One call of a model while an agent answered a message. */
export type TurnCall = Omit<UsageRow, 'accountId' | 'kind' | 'agentId' | 'keyId' | 'isPrepaid' | 'createdAt'>

/** A common table expression for the statement that ends a turn: `metered` stores the calls of models that were made for it. */
export const storedCalls = (
  accountId: AccountId,
  { agentId, turnId, keyId, isPrepaid }: { agentId: string; turnId: string; keyId: string | null; isPrepaid: boolean },
  calls: TurnCall[],
) => sql`
  metered as (
    insert into usage_events (id, account_id, agent_id, turn_id, key_id, provider, model, outcome, input_tokens, output_tokens, cost_nano_usd,
      is_own_key, is_estimated, is_prepaid, latency_ms, first_token_ms, generation_id, lookup, counted_in)
    select call.id, ${accountId}, ${agentId}, ${turnId}, ${keyId}, call.provider, call.model, call.outcome, call."inputTokens", call."outputTokens",
      call."costNanoUsd", call."isOwnKey", call."isEstimated", ${isPrepaid}::boolean, call."latencyMs", call."firstTokenMs",
      call."generationId", call.lookup, call."countedIn"
    from jsonb_to_recordset(${JSON.stringify(calls)}::jsonb) as call
      (id text, provider text, model text, outcome text, "inputTokens" int, "outputTokens" int, "costNanoUsd" bigint, "isOwnKey" boolean,
        "isEstimated" boolean, "latencyMs" int, "firstTokenMs" int, "generationId" text, lookup text, "countedIn" jsonb)
    on conflict (id) do nothing
    returning id
  )`
