import { sql, type SqlBool } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId, UserId } from '#server/platform/core/index.ts'
import { isAbandoned, type Worker } from '#server/platform/host/index.ts'
import { storedCalls, type TurnCall } from '#server/models/metering/index.ts'
import { storedMessage, storedReply, type NewMessage, type Reply } from '../conversations/index.ts'

/** The turn that is to answer a new message. */
export interface NewTurn {
  turnId: string
  /** The server that answers. */
  serverId: string
}

export type StoredMessage = { sessionId: string; timestamp: string; position: number; isRunning: boolean }

/**
 * Stores a message in the agent's active session (a new one when there is none) together with the turn
 * that will answer it, all or nothing. The turn is `running` at once when nothing waits before it.
 * The caller has locked the agent, so that neither changes meanwhile.
 */
export async function insertMessage(db: Db, accountId: AccountId, message: NewMessage & NewTurn): Promise<StoredMessage> {
  const { agentId, messageId, turnId, serverId } = message
  const isIdle = sql<SqlBool>`not exists (select from agent_turns where agent_id = ${agentId} and status in ('queued', 'running'))`
  const { rows } = await sql<StoredMessage>`
    with ${storedMessage(accountId, message)}, turn as (
      insert into agent_turns (id, account_id, agent_id, message_id, server_id, status, started_at)
      select ${turnId}, ${accountId}, ${agentId}, ${messageId}, ${serverId},
        case when ${isIdle} then 'running' else 'queued' end, case when ${isIdle} then now() end
      from stored
      returning status, position
    )
    select stored.session_id, stored.created_at as timestamp, turn.position, turn.status = 'running' as is_running from stored, turn`.execute(
    db,
  )
  return rows[0]!
}

/** Another turn for a message that has no answer. */
export const insertTurn = (db: Db, accountId: AccountId, turn: { id: string; agentId: string; messageId: string; serverId: string }) =>
  db
    .insertInto('agentTurns')
    .values({ ...turn, accountId })
    .returning('position')
    .executeTakeFirstOrThrow()

/** Notes the key whose spending the model calls of a turn are. */
export const setTurnKey = (db: Db, accountId: AccountId, turnId: string, keyId: string) =>
  db.updateTable('agentTurns').set({ keyId }).where('accountId', '=', accountId).where('id', '=', turnId).execute()

/** That key of the message the agent is answering now, with its limit; undefined when there is none. */
export const findTurnPayer = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('agentTurns')
    .innerJoin('apiKeys', 'apiKeys.id', 'agentTurns.keyId')
    .where('agentTurns.accountId', '=', accountId)
    .where('agentTurns.agentId', '=', agentId)
    .where('agentTurns.status', '=', 'running')
    .select(['apiKeys.id as keyId', 'apiKeys.spendLimitCents', 'apiKeys.createdBy'])
    .$castTo<{ keyId: string; spendLimitCents: number | null; createdBy: UserId | null }>()
    .executeTakeFirst()

/** Gives up turns nobody works on any more, so that they block nobody. @returns how many there were. */
export async function failAbandonedTurns(db: Db, accountId: AccountId, agentId: string, worker: Worker): Promise<number> {
  // Materialized: once there are statistics, the planner would look for them again for every turn it compares with.
  const { numAffectedRows } = await sql`
    with abandoned as materialized (
      select id from agent_turns
      where account_id = ${accountId} and agent_id = ${agentId} and status in ('queued', 'running')
        and ${isAbandoned({ server: 'server_id', work: 'id' }, worker)}
      -- What is locked is being given up by another server, or ends at this moment.
      for update skip locked
    )
    update agent_turns set status = 'failed', error = 'The server that was answering stopped.', finished_at = now()
    from abandoned where agent_turns.id = abandoned.id`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** What became of an attempt to begin a turn. `gone`: it was deleted, and its agent with it. */
export type Claim = 'begun' | 'not_first' | 'ended' | 'gone'

/** Begins a turn if nothing waits before it. A unique violation says that another server was quicker. */
export async function claimTurn(db: Db, accountId: AccountId, turnId: string): Promise<Claim> {
  const { rows } = await sql<{ status: string; isBegun: boolean }>`
    with begun as (
      update agent_turns as mine set status = 'running', started_at = now()
      where account_id = ${accountId} and id = ${turnId} and status = 'queued' and not exists (
        select from agent_turns as earlier
        where earlier.agent_id = mine.agent_id and earlier.position < mine.position and earlier.status in ('queued', 'running'))
      returning id
    )
    select status, exists (select from begun) as is_begun from agent_turns where account_id = ${accountId} and id = ${turnId}`.execute(db)
  const [turn] = rows
  if (!turn) return 'gone'
  if (turn.isBegun) return 'begun'
  return turn.status === 'queued' ? 'not_first' : 'ended'
}

/** Tells the server whose turn of the agent is next that it may begin. */
export const notifyNextTurn = (db: Db, accountId: AccountId, agentId: string, serverId: string) =>
  sql`
    select pg_notify('agents', json_build_object('kind', 'turn', 'accountId', account_id, 'agentId', agent_id)::text)
    from (select * from agent_turns where account_id = ${accountId} and agent_id = ${agentId} and status = 'queued' order by position limit 1) as next
    where server_id <> ${serverId}`.execute(db)

/** One run of a tool; `ms` is null where nobody took the time. */
export interface ToolRun {
  name: string
  isOk: boolean
  ms: number | null
}

export interface TurnEnd {
  turnId: string
  agentId: string
  /** API key the message was sent with, if any. */
  keyId: string | null
  /** It was paid by itself, and its calls count against no limit. */
  isPrepaid: boolean
  status: 'answered' | 'failed' | 'aborted'
  error: string | null
  wallMs: number
  cpuMs: number
  calls: TurnCall[]
  tools: ToolRun[]
  reply?: Reply
}

/**
 * Ends a turn: its answer, the model calls it made, the tools it used and its figures, all or nothing. A turn that ended
 * meanwhile (its server was thought to be dead) or whose agent is gone gets no answer, but its model calls are recorded.
 *
 * @returns whether the turn was still open.
 */
export async function endTurn(
  db: Db,
  accountId: AccountId,
  { turnId, agentId, keyId, isPrepaid, reply, calls, tools, status, error, wallMs, cpuMs }: TurnEnd,
): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    with agent as (
      select id from agents where account_id = ${accountId} and id = ${agentId} for key share
    ), ended as (
      update agent_turns as turn set status = ${status}, error = ${error}, wall_ms = ${wallMs}, cpu_ms = ${cpuMs}, finished_at = now()
      from agent
      where turn.agent_id = agent.id and turn.account_id = ${accountId} and turn.id = ${turnId} and turn.status in ('queued', 'running')
      returning turn.id, turn.message_id
    ), ${storedReply(reply)}, ${storedCalls(accountId, { agentId, turnId, keyId, isPrepaid }, calls)}, worked as (
      insert into tool_runs (account_id, agent_id, turn_id, tool_name, is_ok, ms)
      select ${accountId}, ${agentId}, ended.id, tool.name, tool."isOk", tool.ms
      from ended, jsonb_to_recordset(${JSON.stringify(tools)}::jsonb) as tool (name text, "isOk" boolean, ms float8)
      returning position
    )
    select id from ended`.execute(db)
  return rows.length > 0
}

/** The complete answer to a message, if it has one, which agent the message went to, and what became of its last turn. */
export const findAnswer = (db: Db, accountId: AccountId, messageId: string) =>
  db
    .selectFrom('messages as asked')
    .leftJoin('messages as answer', (join) => join.onRef('answer.replyTo', '=', 'asked.id').on('answer.isPartial', '=', false))
    .where('asked.accountId', '=', accountId)
    .where('asked.id', '=', messageId)
    .select(['asked.agentId', 'answer.id as replyId', 'answer.content as reply'])
    .select((eb) =>
      eb
        .selectFrom('agentTurns')
        .whereRef('agentTurns.messageId', '=', 'asked.id')
        .select('status')
        .orderBy('position', 'desc')
        .limit(1)
        .as('state'),
    )
    .executeTakeFirst()

/** The complete answer to a message with all that belongs to it; undefined while there is none. */
export const findStoredReply = (db: Db, accountId: AccountId, messageId: string) =>
  db
    .selectFrom('messages as asked')
    .innerJoin('messages as answer', (join) => join.onRef('answer.replyTo', '=', 'asked.id').on('answer.isPartial', '=', false))
    .innerJoin('agentTurns as turn', (join) => join.onRef('turn.messageId', '=', 'asked.id').on('turn.status', '=', 'answered'))
    .where('asked.accountId', '=', accountId)
    .where('asked.id', '=', messageId)
    .select(['asked.content', 'asked.topic', 'asked.createdAt as timestamp', 'asked.agentId', 'asked.sessionId'])
    .select(['answer.id as replyId', 'answer.content as reply', 'turn.id as turnId'])
    .executeTakeFirst()

/** The calls of models a turn made, in their order. Those of an agent outside of this server do not name it: they are the ones it made meanwhile. */
export const listCallsOfTurn = (db: Db, accountId: AccountId, turnId: string) =>
  db
    .selectFrom('agentTurns as turn')
    .innerJoin('usageEvents as call', 'call.agentId', 'turn.agentId')
    .where('turn.accountId', '=', accountId)
    .where('turn.id', '=', turnId)
    .where('call.accountId', '=', accountId)
    .where((eb) =>
      eb.or([
        eb('call.turnId', '=', turnId),
        eb.and([
          eb('call.turnId', 'is', null),
          eb('call.createdAt', '>=', eb.ref('turn.startedAt')),
          eb('call.createdAt', '<=', eb.ref('turn.finishedAt')),
        ]),
      ]),
    )
    .select(['call.model', 'call.outcome', 'call.inputTokens', 'call.outputTokens', 'call.costNanoUsd', 'call.isEstimated'])
    .orderBy('call.id')
    .execute()

/** Calls of models, oldest first, that an agent outside of this server made since then, for the one message it was answering. */
export const listCallsSince = (db: Db, accountId: AccountId, agentId: string, since: string) =>
  db
    .selectFrom('usageEvents')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('turnId', 'is', null)
    .where('createdAt', '>=', since)
    .select(['model', 'outcome', 'inputTokens', 'outputTokens', 'costNanoUsd', 'isEstimated', 'latencyMs'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute()

/** Ends all open turns of all accounts: for a server that knows it is the only one, when it starts. */
export const failOpenTurns = (systemDb: Db) =>
  systemDb
    .updateTable('agentTurns')
    .set({ status: 'failed', error: 'The server stopped before the answer was complete.', finishedAt: sql<string>`now()` })
    .where('status', 'in', ['queued', 'running'])
    .execute()

/** Figures of an agent, computed from its recorded turns and model calls. */
export const findTurnFigures = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('agentTurns')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .select([
      sql<number>`count(*) filter (where status = 'answered')`.as('answered'),
      sql<number>`count(*) filter (where status = 'failed')`.as('failed'),
      sql<number>`count(*) filter (where status in ('queued', 'running'))`.as('open'),
      sql<number>`count(*) filter (where status = 'answered' and finished_at > now() - interval '24 hours')`.as('answeredToday'),
      sql<number | null>`avg(wall_ms) filter (where status = 'answered')::float8`.as('averageMs'),
      sql<number>`coalesce(sum(cpu_ms), 0)::float8`.as('cpuMs'),
      sql<number>`coalesce(sum(wall_ms), 0)::int8`.as('wallMs'),
      sql<number>`coalesce(sum(cpu_ms) filter (where started_at >= (select started_at from agents where id = ${agentId})), 0)::float8`.as(
        'cpuMsSinceStart',
      ),
      sql<string | null>`max(coalesce(finished_at, started_at))`.as('lastActivityAt'),
    ])
    .executeTakeFirstOrThrow()

export const findTokenFigures = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('usageEvents')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    // What failed before anything was said took nothing.
    .where((eb) => eb.or([eb('outcome', '=', 'ok'), eb('inputTokens', 'is not', null)]))
    .select([
      // Of calls that nobody counted the sum is unknown; of no calls it is nothing.
      sql<number | null>`case when count(*) = 0 then 0 else sum(input_tokens)::int8 end`.as('inputTokens'),
      sql<number | null>`case when count(*) = 0 then 0 else sum(output_tokens)::int8 end`.as('outputTokens'),
      sql<number>`count(*) filter (where is_estimated)`.as('estimatedCalls'),
      sql<number>`count(*) filter (where input_tokens is null or output_tokens is null)`.as('uncountedCalls'),
    ])
    .executeTakeFirstOrThrow()

export async function findStoredBytes(db: Db, accountId: AccountId, agentId: string): Promise<number> {
  const messages = db.selectFrom('messages').where('accountId', '=', accountId).where('agentId', '=', agentId)
  const memories = db.selectFrom('agentMemories').where('accountId', '=', accountId).where('agentId', '=', agentId)
  const [message, memory] = await Promise.all([
    messages.select(sql<number>`coalesce(sum(octet_length(content)), 0)::int8`.as('bytes')).executeTakeFirstOrThrow(),
    memories
      .select(sql<number>`coalesce(sum(octet_length(key) + octet_length(value::text)), 0)::int8`.as('bytes'))
      .executeTakeFirstOrThrow(),
  ])
  return message.bytes + memory.bytes
}
