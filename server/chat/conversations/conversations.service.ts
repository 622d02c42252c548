import { findAgentRow, findDefaultAgent, lockAgent } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext, AppError, cutText, newId, newIdAfter } from '#server/platform/core/index.ts'
import { MAX_SESSION_MESSAGES, MAX_LISTED_SESSIONS } from './conversations.contract.ts'
import type { Entry, PlaceById, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type {
  AgentChoice,
  AgentMessages,
  AgentsToCount,
  FilterMessages,
  GetSession,
  ListAgentMessages,
  ListMessages,
  Message,
  MessagePage,
  MessagePagesOfAgents,
  MessagePagesOfSessions,
  MessagesOfAgents,
  MessageTotals,
  PlacedSessionMessages,
  RecentMessage,
  Session,
  SessionDetail,
  SessionHead,
  SessionMessageTotals,
  SessionsToCount,
} from './conversations.contract.ts'
import * as queries from './conversations.queries.ts'
import { type Spoken, toConversation } from './history.rules.ts'

export class SessionNotFound extends AppError {
  constructor(sessionId: string) {
    super('not_found', 'SESSION_NOT_FOUND', `There is no session "${sessionId}".`, { sessionId })
  }
}

export class NoAgent extends AppError {
  constructor(message = 'The account has no agent yet.') {
    super('not_found', 'AGENT_NOT_FOUND', message)
  }
}

/** The id of the agent that is meant: the named one, else what `findDefaultAgent` finds. @throws AgentNotFound, NoAgent */
export async function chooseAgent(ctx: AccountContext, agentId: string | undefined): Promise<string> {
  if (agentId) return (await findAgentRow(ctx, agentId)).id
  const agent = await findDefaultAgent(ctx)
  if (!agent) throw new NoAgent()
  return agent.id
}

/** The agent a session of the caller belongs to. @throws SessionNotFound */
export async function findAgentOfSession(ctx: AccountContext, sessionId: string): Promise<string> {
  const session = await queries.findAgentOfSession(ctx.db, accountOf(ctx), sessionId)
  if (!session) throw new SessionNotFound(sessionId)
  return session.agentId
}

const toMessage = (row: queries.MessageRow): Message => row as Message

/** Stored messages, newest first. @throws AgentNotFound */
export async function listMessages(ctx: AccountContext, { agentId, topic, limit, offset }: ListMessages): Promise<Message[]> {
  const filter = await checkFilter(ctx, { agentId, topic })
  return (await queries.listMessages(ctx.db, accountOf(ctx), filter, limit, offset)).map(toMessage)
}

async function checkFilter(ctx: AccountContext, { agentId, topic }: FilterMessages): Promise<queries.MessageFilter> {
  if (agentId) await findAgentRow(ctx, agentId)
  return { ...(agentId ? { agentId } : {}), ...(topic ? { topic } : {}) }
}

/** A page of stored messages, newest first. @throws AgentNotFound */
export async function listMessagePage(ctx: AccountContext, input: FilterMessages, { after, limit }: Slice<PlaceById>) {
  const filter = await checkFilter(ctx, input)
  const rows = await queries.listMessagesAfter(ctx.db, accountOf(ctx), filter, limit, after?.[0])
  return rows.map((row): Entry<Message, PlaceById> => ({ node: toMessage(row), place: [row.id] }))
}

/** @throws AgentNotFound */
export const countMessages = async (ctx: AccountContext, input: FilterMessages): Promise<number> =>
  queries.countMessages(ctx.db, accountOf(ctx), await checkFilter(ctx, input))

/** One page of an agent's messages, newest first, and how many there are. @throws AgentNotFound */
export async function listAgentMessages(ctx: AccountContext, { agentId, limit, offset }: ListAgentMessages): Promise<MessagePage> {
  await findAgentRow(ctx, agentId)
  const [messages, total] = await Promise.all([
    queries.listMessages(ctx.db, accountOf(ctx), { agentId }, limit, offset),
    queries.countMessages(ctx.db, accountOf(ctx), { agentId }),
  ])
  return { messages: messages.map(toMessage), total, limit, offset }
}

/** The newest messages of each of several agents, in the order of `agentIds`; none for agents of others. */
export async function listMessagesOfAgents(ctx: AccountContext, { agentIds, perAgent }: MessagesOfAgents): Promise<AgentMessages[]> {
  const rows = await queries.listMessagesOfAgents(ctx.db, accountOf(ctx), agentIds, perAgent)
  const byAgent = Map.groupBy(rows.map(toMessage), ({ agentId }) => agentId)
  return agentIds.map((agentId) => ({ agentId, messages: byAgent.get(agentId) ?? [] }))
}

/** A page of the messages of each of several agents, newest first, in the order of `agentIds`; none for agents of others. */
export async function listMessagePagesOfAgents(ctx: AccountContext, { agentIds, perAgent, after }: MessagePagesOfAgents) {
  const rows =
    after === undefined
      ? await queries.listMessagesOfAgents(ctx.db, accountOf(ctx), agentIds, perAgent)
      : await queries.listMessagesOfAgentsAfter(ctx.db, accountOf(ctx), agentIds, perAgent, after)
  return rows.map(toMessage)
}

/** How many messages each of several agents has; agents of others are left out, and those without any. */
export async function countMessagesOfAgents(ctx: AccountContext, { agentIds }: AgentsToCount): Promise<MessageTotals> {
  const rows = await queries.countMessagesOfAgents(ctx.db, accountOf(ctx), agentIds)
  return rows.map(({ agentId, count }) => ({ agentId, total: count }))
}

/** The latest 100 sessions of an agent. @throws AgentNotFound, NoAgent */
export async function listSessions(ctx: AccountContext, input: AgentChoice): Promise<Session[]> {
  const agentId = await chooseAgent(ctx, input.agentId)
  return (await queries.listSessions(ctx.db, accountOf(ctx), agentId, MAX_LISTED_SESSIONS)).map(toSession)
}

/** A page of the sessions of an agent, the latest first. @throws AgentNotFound, NoAgent */
export async function listSessionPage(ctx: AccountContext, input: AgentChoice, { after, limit }: Slice<PlaceByTime>) {
  const agentId = await chooseAgent(ctx, input.agentId)
  const rows = await queries.listSessions(ctx.db, accountOf(ctx), agentId, limit, after)
  return rows.map((row): Entry<Session, PlaceByTime> => ({ node: toSession(row), place: [row.place, row.id] }))
}

/** @throws AgentNotFound, NoAgent */
export const countSessions = async (ctx: AccountContext, input: AgentChoice): Promise<number> =>
  queries.countSessions(ctx.db, accountOf(ctx), await chooseAgent(ctx, input.agentId))

const toSession = ({ id, status, messageCount, createdAt, lastActivityAt }: queries.SessionRow): Session => ({
  id,
  status: status as Session['status'],
  messageCount: messageCount ?? 0,
  createdAt: Date.parse(createdAt),
  lastActivity: Date.parse(lastActivityAt),
})

/** A session with its last messages, oldest first: 1,000 at most, and as many as `listSessionMessages` gives. @throws AgentNotFound, SessionNotFound */
export async function getSession(ctx: AccountContext, input: GetSession): Promise<SessionDetail> {
  const session = await getSessionHead(ctx, input)
  const messages = await queries.listSessionMessages(ctx.db, accountOf(ctx), session.id, MAX_SESSION_MESSAGES)
  return { ...session, messages: messages.map(toSessionMessage) }
}

/** A session without its messages, of whichever agent of the caller when none is named. @throws AgentNotFound, SessionNotFound */
export async function getSessionHead(ctx: AccountContext, input: GetSession): Promise<SessionHead> {
  const agentId = input.agentId ? await chooseAgent(ctx, input.agentId) : await findAgentOfSession(ctx, input.sessionId)
  const session = await queries.findSession(ctx.db, accountOf(ctx), agentId, input.sessionId)
  if (!session) throw new SessionNotFound(input.sessionId)
  return {
    id: session.id,
    status: session.status as SessionHead['status'],
    createdAt: Date.parse(session.createdAt),
    lastActivity: Date.parse(session.lastActivityAt),
    userId: accountOf(ctx),
  }
}

/** A page of the messages of each of several sessions, newest first, an answer right before what it answers; none for sessions of others. */
export async function listMessagePagesOfSessions(
  ctx: AccountContext,
  { sessionIds, perSession, after }: MessagePagesOfSessions,
): Promise<PlacedSessionMessages> {
  const rows = await queries.listMessagesOfSessions(ctx.db, accountOf(ctx), sessionIds, perSession, after)
  return rows.map((row) => ({ sessionId: row.sessionId, place: [row.place, row.id], message: toSessionMessage(row) }))
}

/** How many messages each of several sessions has; sessions of others are left out, and those without any. */
export async function countMessagesOfSessions(ctx: AccountContext, { sessionIds }: SessionsToCount): Promise<SessionMessageTotals> {
  const rows = await queries.countMessagesOfSessions(ctx.db, accountOf(ctx), sessionIds)
  return rows.map(({ sessionId, count }) => ({ sessionId, total: count }))
}

const toSessionMessage = ({ sender, content, createdAt }: { sender: string; content: string; createdAt: string }) => ({
  role: roleOf(sender),
  content,
  timestamp: Date.parse(createdAt),
})

export const roleOf = (sender: string): 'user' | 'assistant' => (sender === 'user' ? 'user' : 'assistant')

/** Starts a new session, which becomes the active one of the agent. @throws AgentNotFound, NoAgent */
export async function createSession(ctx: AccountContext, input: AgentChoice): Promise<{ sessionId: string; status: 'active' }> {
  const agentId = await chooseAgent(ctx, input.agentId)
  await lockAgent(ctx, agentId)
  const sessionId = newId('session')
  await queries.idleSessions(ctx.db, accountOf(ctx), agentId)
  await queries.insertSession(ctx.db, accountOf(ctx), agentId, sessionId)
  return { sessionId, status: 'active' }
}

/** Makes a session of a locked agent the one that goes on. @throws SessionNotFound */
export async function resumeSession(ctx: AccountContext, agentId: string, sessionId: string): Promise<void> {
  const session = await queries.findSession(ctx.db, accountOf(ctx), agentId, sessionId)
  if (!session) throw new SessionNotFound(sessionId)
  if (session.status === 'active') return
  await queries.idleSessions(ctx.db, accountOf(ctx), agentId)
  await queries.activateSession(ctx.db, accountOf(ctx), sessionId)
}

/** The last ten messages of the active session, oldest first, 100 characters each. @throws AgentNotFound, NoAgent */
export async function listRecentMessages(ctx: AccountContext, input: AgentChoice): Promise<RecentMessage[]> {
  const agentId = await chooseAgent(ctx, input.agentId)
  const session = await queries.findActiveSession(ctx.db, accountOf(ctx), agentId)
  if (!session) return []
  const messages = await queries.listSessionMessages(ctx.db, accountOf(ctx), session.id, 10)
  return messages.map(({ sender, content }) => ({ role: roleOf(sender), content: cutText(content, 100) }))
}

/** Most characters of history that go to a model with one message. */
const MAX_HISTORY_CHARACTERS = 200_000

/** What a model may be sent to have a message answered. */
export interface History {
  /** The conversation up to and including the message. */
  whole: Spoken[]
  /** Only the message. */
  alone: Spoken[]
  /** Whether something came before it. */
  hasMore: boolean
}

/** What a model is sent: the conversation up to and including a message, bounded in messages and characters, in a form every provider takes. */
export async function readHistory(ctx: AccountContext, sessionId: string, messageId: string, limit: number): Promise<History> {
  const rows = await queries.listHistory(ctx.db, accountOf(ctx), sessionId, messageId, Math.max(1, limit))
  const said = rows.map(({ sender, content }): Spoken => ({ role: roleOf(sender), content }))
  return { whole: toConversation(said, MAX_HISTORY_CHARACTERS), alone: toConversation(said.slice(-1), 0), hasMore: said.length > 1 }
}

/** The place behind the last message of an agent, which is locked: ids and times of messages follow the order in which they are stored. */
export async function nextPlace(ctx: AccountContext, agentId: string): Promise<queries.MessagePlace> {
  const last = await queries.findLastMessage(ctx.db, accountOf(ctx), agentId)
  return { messageId: newIdAfter('message', last?.id), notBefore: last?.createdAt ?? null }
}

/** Which agent a message of the caller went to; undefined when there is no such message. */
export const findAgentOfMessage = async (ctx: AccountContext, messageId: string): Promise<string | undefined> =>
  (await queries.findAgentOfMessage(ctx.db, accountOf(ctx), messageId))?.agentId

/** A message of the caller to an agent, and what became of it. It stays so while the agent is locked. */
export const findUserMessage = (ctx: AccountContext, messageId: string) => queries.findUserMessage(ctx.db, accountOf(ctx), messageId)

/** Removes the answer that was cut off. */
export const deletePartialReply = (ctx: AccountContext, messageId: string) => queries.deletePartialReply(ctx.db, accountOf(ctx), messageId)
