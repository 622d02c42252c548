import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import { prepare } from '#db/prepared.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { MessagePlatform } from './conversations.contract.ts'

const latestState = sql<string | null>`
  case when messages.sender = 'user' then
    (select turns.status from agent_turns as turns where turns.message_id = messages.id order by turns.position desc limit 1)
  end`

const messageColumns = [
  'id',
  'agentId',
  'sender',
  'content',
  'createdAt as timestamp',
  'platform',
  'topic',
  'sessionId',
  'replyTo',
  'isPartial',
] as const

const messagesOf = (db: Db, accountId: AccountId) => db.selectFrom('messages').where('messages.accountId', '=', accountId)

export interface MessageFilter {
  agentId?: string
  topic?: string
}

const filteredMessages = (db: Db, accountId: AccountId, { agentId, topic }: MessageFilter) =>
  messagesOf(db, accountId)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))
    .$if(topic !== undefined, (query) => query.where('topic', '=', topic!))

const listedMessages = (db: Db, accountId: AccountId, filter: MessageFilter, limit: number) =>
  filteredMessages(db, accountId, filter).select(messageColumns).select(latestState.as('state')).orderBy('id', 'desc').limit(limit)

/** Newest first. */
export const listMessages = (db: Db, accountId: AccountId, filter: MessageFilter, limit: number, offset: number) =>
  listedMessages(db, accountId, filter, limit).offset(offset).execute()

/** Newest first, from behind that message. */
export const listMessagesAfter = (db: Db, accountId: AccountId, filter: MessageFilter, limit: number, after: string | undefined) =>
  listedMessages(db, accountId, filter, limit)
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .execute()

const newestOfEach = (db: Db, accountId: AccountId, agentIds: string[], perAgent: number, after?: string) =>
  db
    .selectFrom(sql<{ agentId: string }>`unnest(${agentIds}::text[])`.as<'wanted'>(sql`wanted(agent_id)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('messages')
          .where('messages.accountId', '=', accountId)
          .whereRef('messages.agentId', '=', 'wanted.agentId' as never)
          .select(messageColumns)
          .select(latestState.as('state'))
          .$if(after !== undefined, (query) => query.where('id', '<', after!))
          .orderBy('id', 'desc')
          .limit(perAgent)
          .as('recent'),
      (join) => join.onTrue(),
    )
    .selectAll('recent')

/** The newest `perAgent` messages of each of several agents, newest first; for nested GraphQL fields. */
export const listMessagesOfAgents = prepare((db, accountId: AccountId, agentIds: string[], perAgent: number) =>
  newestOfEach(db, accountId, agentIds, perAgent),
)

/** Messages of several agents from behind one message, which is of one of the agents. */
export const listMessagesOfAgentsAfter = prepare((db, accountId: AccountId, agentIds: string[], perAgent: number, after: string) =>
  newestOfEach(db, accountId, agentIds, perAgent, after),
)

export async function countMessages(db: Db, accountId: AccountId, filter: MessageFilter): Promise<number> {
  const { count } = await filteredMessages(db, accountId, filter)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** How many messages each of several agents has; those without any are left out. */
export const countMessagesOfAgents = (db: Db, accountId: AccountId, agentIds: string[]) =>
  messagesOf(db, accountId)
    .where('agentId', 'in', agentIds)
    .select(['agentId', sql<number>`count(*)`.as('count')])
    .groupBy('agentId')
    .execute()

/** An answer belongs right behind the message it answers, even when another message came in between. */
const placeInConversation = sql<string>`coalesce(messages.reply_to, messages.id)`

/**
 * The last messages of a session for the answer to `messageId`, which comes last; before it, each answer is
 * behind its message. Messages that still wait for their answers are left out: of several that came in the
 * same millisecond the ids do not say which is answered first. A message that is answered once more gets
 * only what came before it.
 */
export const listHistory = prepare((db, accountId: AccountId, sessionId: string, messageId: string, limit: number) =>
  db
    .selectFrom(
      messagesOf(db, accountId)
        .where('sessionId', '=', sessionId)
        .where((eb) =>
          eb.or([
            eb('id', '=', messageId),
            eb.and([
              eb.not(
                eb.exists(
                  eb
                    .selectFrom('agentTurns')
                    .where('agentTurns.messageId', '=', placeInConversation)
                    .where('agentTurns.status', 'in', ['queued', 'running'])
                    .select('agentTurns.id'),
                ),
              ),
              eb.or([
                eb(placeInConversation, '<=', messageId),
                eb(eb.selectFrom('agentTurns').where('agentTurns.messageId', '=', messageId).select(eb.fn.countAll().as('count')), '=', 1),
              ]),
            ]),
          ]),
        )
        .select(['id', 'sender', 'content', placeInConversation.as('place')])
        .orderBy('place', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .as('recent'),
    )
    .select(['id', 'sender', 'content'])
    .orderBy((eb) => eb('place', '=', messageId))
    .orderBy('place')
    .orderBy('id'),
)

const sessionsOf = (db: Db, accountId: AccountId, agentId: string) =>
  db.selectFrom('conversationSessions').where('accountId', '=', accountId).where('agentId', '=', agentId)

/** The latest first, from behind a place; `place` is the last activity of each, exactly. */
export const listSessions = (db: Db, accountId: AccountId, agentId: string, limit: number, after?: TimePlace) =>
  sessionsOf(db, accountId, agentId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('lastActivityAt', after!)))
    .select(['id', 'status', 'createdAt', 'lastActivityAt', exactTime('lastActivityAt').as('place')])
    .select((eb) =>
      eb
        .selectFrom('messages')
        .whereRef('messages.sessionId', '=', 'conversationSessions.id')
        .select(sql<number>`count(*)`.as('count'))
        .as('messageCount'),
    )
    .orderBy('lastActivityAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export type SessionRow = Awaited<ReturnType<typeof listSessions>>[number]

export async function countSessions(db: Db, accountId: AccountId, agentId: string): Promise<number> {
  const { count } = await sessionsOf(db, accountId, agentId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Which agent a session is with. */
export const findAgentOfSession = (db: Db, accountId: AccountId, sessionId: string) =>
  db.selectFrom('conversationSessions').where('accountId', '=', accountId).where('id', '=', sessionId).select('agentId').executeTakeFirst()

export const findSession = (db: Db, accountId: AccountId, agentId: string, sessionId: string) =>
  sessionsOf(db, accountId, agentId).where('id', '=', sessionId).select(['id', 'status', 'createdAt', 'lastActivityAt']).executeTakeFirst()

/** Most characters of messages of one session that are given back at once. */
const MAX_SESSION_CHARACTERS = 4_000_000

/** The last messages of a session, oldest first: the newest, and what is before it as far as the characters go. */
export const listSessionMessages = (db: Db, accountId: AccountId, sessionId: string, limit: number) =>
  db
    .with('newest', () =>
      messagesOf(db, accountId)
        .where('sessionId', '=', sessionId)
        .select(['id', 'sender', 'content', 'createdAt', placeInConversation.as('place')])
        .orderBy('place', 'desc')
        .orderBy('id', 'desc')
        .limit(limit),
    )
    .with('counted', (given) =>
      given
        .selectFrom('newest')
        .selectAll()
        .select(sql<number>`sum(length(content)) over later`.as('characters'))
        .select(sql<number>`count(*) over later`.as('position'))
        .modifyEnd(sql`window later as (order by place desc, id desc)`),
    )
    .selectFrom('counted')
    .where((eb) => eb.or([eb('position', '=', 1), eb('characters', '<=', MAX_SESSION_CHARACTERS)]))
    .select(['sender', 'content', 'createdAt'])
    .orderBy('place')
    .orderBy('id')
    .execute()

/** The last messages of each of several sessions, newest first, from behind a place; `place` is the first part of that of each. */
export const listMessagesOfSessions = (
  db: Db,
  accountId: AccountId,
  sessionIds: string[],
  perSession: number,
  after: readonly [place: string, id: string] | undefined,
) =>
  db
    .selectFrom(sql<{ sessionId: string }>`unnest(${sessionIds}::text[])`.as<'wanted'>(sql`wanted(session_id)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('messages')
          .where('messages.accountId', '=', accountId)
          .whereRef('messages.sessionId', '=', 'wanted.sessionId' as never)
          .select(['id', 'sender', 'content', 'createdAt', placeInConversation.as('place')])
          .$if(after !== undefined, (query) =>
            query.where(sql<boolean>`(${placeInConversation}, messages.id) < (${after![0]}, ${after![1]})`),
          )
          .orderBy('place', 'desc')
          .orderBy('id', 'desc')
          .limit(perSession)
          .as('recent'),
      (join) => join.onTrue(),
    )
    .selectAll('recent')
    .select('wanted.sessionId')
    .execute()

/** How many messages each of several sessions has; those without any are left out. */
export const countMessagesOfSessions = (db: Db, accountId: AccountId, sessionIds: string[]) =>
  messagesOf(db, accountId)
    .where('sessionId', 'in', sessionIds)
    .select(['sessionId', sql<number>`count(*)`.as('count')])
    .groupBy('sessionId')
    .$narrowType<{ sessionId: string }>()
    .execute()

/** The active session of the agent, whose last messages `listSessionMessages` gives. */
export const findActiveSession = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('conversationSessions')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('status', '=', 'active')
    .select('id')
    .executeTakeFirst()

/** Makes `except`, or none, the active session of the agent. */
export const idleSessions = (db: Db, accountId: AccountId, agentId: string, except?: string) =>
  db
    .updateTable('conversationSessions')
    .set({ status: 'idle' })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('status', '=', 'active')
    .$if(except !== undefined, (query) => query.where('id', '!=', except!))
    .execute()

export const activateSession = (db: Db, accountId: AccountId, sessionId: string) =>
  db
    .updateTable('conversationSessions')
    .set({ status: 'active' })
    .where('accountId', '=', accountId)
    .where('id', '=', sessionId)
    .where('status', '!=', 'active')
    .execute()

export const insertSession = (db: Db, accountId: AccountId, agentId: string, id: string) =>
  db.insertInto('conversationSessions').values({ id, accountId, agentId }).execute()

export interface NewMessage {
  messageId: string
  /** Of the session that is made when there is no active one. */
  newSessionId: string
  agentId: string
  content: string
  platform: MessagePlatform
  topic: string | null
}

/**
 * Common table expressions for the statement that stores a message of a user with whatever belongs to it: `stored`
 * (session_id, created_at) is the message, in the agent's active session, or a new one when there is none. The
 * caller has locked the agent.
 */
export const storedMessage = (accountId: AccountId, { messageId, newSessionId, agentId, content, platform, topic }: NewMessage) => sql`
  active_session as (
    insert into conversation_sessions (id, account_id, agent_id) values (${newSessionId}, ${accountId}, ${agentId})
    on conflict (agent_id) where status = 'active' do update set last_activity_at = now()
    returning id
  ), stored as (
    insert into messages (id, account_id, agent_id, session_id, sender, content, platform, topic)
    select ${messageId}, ${accountId}, ${agentId}, id, 'user', ${content}, ${platform}, ${topic} from active_session
    returning session_id, created_at
  )`

export interface Reply {
  id: string
  content: string
  /** The model was cut off. */
  isPartial: boolean
}

/**
 * A common table expression for the statement that ends a turn: `replied` stores the agent's answer to the message
 * that `ended` (message_id) names, when there is one.
 */
export const storedReply = (reply: Reply | undefined) => sql`
  replied as (
    insert into messages (id, account_id, agent_id, session_id, sender, content, platform, topic, reply_to, is_partial)
    select ${reply?.id ?? null}, asked.account_id, asked.agent_id, asked.session_id, 'agent', ${reply?.content ?? null}, asked.platform, asked.topic, asked.id, ${reply?.isPartial ?? false}
    from ended join messages as asked on asked.id = ended.message_id
    where ${reply !== undefined}
    returning id
  )`

/** Which agent a message of a user went to. */
export const findAgentOfMessage = (db: Db, accountId: AccountId, messageId: string) =>
  messagesOf(db, accountId).where('id', '=', messageId).where('sender', '=', 'user').select('agentId').executeTakeFirst()

/** A message of a user and what became of it: the state of its latest turn, and whether there is a complete answer. */
export const findUserMessage = (db: Db, accountId: AccountId, messageId: string) =>
  messagesOf(db, accountId)
    .where('messages.id', '=', messageId)
    .where('sender', '=', 'user')
    .select(['id', 'agentId', 'sessionId', 'content', 'topic', 'createdAt as timestamp'])
    .select(latestState.as('state'))
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('messages as answer')
            .whereRef('answer.replyTo', '=', 'messages.id')
            .where('answer.isPartial', '=', false)
            .select('answer.id'),
        )
        .as('isAnswered'),
    )
    .executeTakeFirst()

/** Removes the answer that was cut off, to make place for the next one. */
export const deletePartialReply = (db: Db, accountId: AccountId, messageId: string) =>
  db.deleteFrom('messages').where('accountId', '=', accountId).where('replyTo', '=', messageId).where('isPartial', '=', true).execute()

export type MessageRow = Awaited<ReturnType<typeof listMessages>>[number]
