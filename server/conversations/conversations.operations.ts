import { defineMutation, defineQuery } from '../core/operation.ts'
import * as contract from './conversations.contract.ts'
import * as service from './conversations.service.ts'

export const conversations = {
  list: defineQuery({
    name: 'conversations.list',
    summary: 'List the conversation sessions of an agent',
    access: 'account',
    scope: 'chat:read',
    bucket: 'general',
    input: contract.AgentChoice,
    output: contract.SessionList,
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
    run: service.listRecentMessages,
  }),
  agentMessages: defineQuery({
    name: 'conversations.agentMessages',
    summary: 'Page through the messages of an agent',
    description: 'Newest first.',
    access: 'account',
    scope: 'chat:read',
    bucket: 'agents',
    input: contract.ListAgentMessages,
    output: contract.MessagePage,
    run: service.listAgentMessages,
  }),
}
