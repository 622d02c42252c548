import { z } from 'zod'
import { defineList, defineMutation, defineQuery, definePages, placeById, placeByTime } from '#server/platform/operations/index.ts'
import * as contract from './conversations.contract.ts'
import * as service from './conversations.service.ts'
import { examples } from './conversations.examples.ts'

export const conversations = {
  list: defineList({
    name: 'conversations.list',
    summary: 'List the conversation sessions of an agent',
    access: 'account',
    scope: 'chat:read',
    bucket: 'general',
    input: contract.AgentChoice,
    output: contract.SessionList,
    pages: definePages({
      input: contract.AgentChoice,
      node: contract.Session,
      place: placeByTime,
      list: service.listSessionPage,
      count: service.countSessions,
    }),
    example: examples.list,
    run: service.listSessions,
  }),
  get: defineQuery({
    name: 'conversations.get',
    summary: 'Get one conversation session with its messages',
    access: 'account',
    scope: 'chat:read',
    bucket: 'general',
    input: contract.GetSession,
    output: contract.SessionDetail,
    example: examples.get,
    run: service.getSession,
  }),
  create: defineMutation({
    name: 'conversations.create',
    summary: 'Start a new conversation session',
    description: 'It becomes the active session of the agent.',
    access: 'account',
    scope: 'chat:write',
    bucket: 'general',
    idempotent: true,
    input: contract.AgentChoice,
    output: contract.SessionCreated,
    example: examples.create,
    run: service.createSession,
  }),
  recent: defineQuery({
    name: 'conversations.recent',
    summary: 'Peek at the last ten messages of the active session',
    access: 'account',
    scope: 'chat:read',
    bucket: 'general',
    input: contract.AgentChoice,
    output: contract.RecentMessages,
    example: examples.recent,
    run: service.listRecentMessages,
  }),
  agentMessages: defineList({
    name: 'conversations.agentMessages',
    summary: 'Page through the messages of an agent',
    description: 'Newest first.',
    access: 'account',
    scope: 'chat:read',
    bucket: 'agents',
    input: contract.ListAgentMessages,
    output: contract.MessagePage,
    pages: definePages({
      input: contract.FilterAgentMessages,
      node: contract.Message,
      place: placeById,
      list: service.listMessagePage,
      count: service.countMessages,
    }),
    example: examples.agentMessages,
    run: service.listAgentMessages,
  }),
  messagesOfAgents: defineQuery({
    name: 'conversations.messagesOfAgents',
    summary: 'List the newest messages of several agents at once',
    description: 'At most 1,000 messages in all: ids times messages of each.',
    access: 'account',
    scope: 'chat:read',
    bucket: 'agents',
    input: contract.MessagesOfAgents,
    output: contract.AgentMessagesList,
    example: examples.messagesOfAgents,
    run: service.listMessagesOfAgents,
  }),
}

const nested = { access: 'account', scope: 'chat:read', bucket: 'agents' } as const

/** `conversations.messagesOfAgents` page by page, for GraphQL. */
export const messagePagesOfAgents = defineQuery({
  ...nested,
  name: 'conversations.messagesOfAgents',
  summary: 'Page through the messages of several agents at once',
  input: contract.MessagePagesOfAgents,
  output: z.array(contract.Message),
  example: examples.messagePagesOfAgents,
  run: service.listMessagePagesOfAgents,
})

/** How many messages there are behind those pages. */
export const messageTotalsOfAgents = defineQuery({
  ...nested,
  name: 'conversations.messagesOfAgents',
  summary: 'Count the messages of several agents at once',
  input: contract.AgentsToCount,
  output: contract.MessageTotals,
  example: examples.messageTotalsOfAgents,
  run: service.countMessagesOfAgents,
})

const nestedInSession = { access: 'account', scope: 'chat:read', bucket: 'general', name: 'conversations.get' } as const

/** `conversations.get` without the messages, which GraphQL reads page by page. */
export const sessionHead = defineQuery({
  ...nestedInSession,
  summary: 'Get one conversation session',
  input: contract.GetSession,
  output: contract.SessionHead,
  example: examples.getHead,
  run: service.getSessionHead,
})

/** Those messages. */
export const messagePagesOfSessions = defineQuery({
  ...nestedInSession,
  summary: 'Page through the messages of several sessions at once',
  input: contract.MessagePagesOfSessions,
  output: contract.PlacedSessionMessages,
  example: examples.messagePagesOfSessions,
  run: service.listMessagePagesOfSessions,
})

/** How many there are. */
export const messageTotalsOfSessions = defineQuery({
  ...nestedInSession,
  summary: 'Count the messages of several sessions at once',
  input: contract.SessionsToCount,
  output: contract.SessionMessageTotals,
  example: examples.messageTotalsOfSessions,
  run: service.countMessagesOfSessions,
})
