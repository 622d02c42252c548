import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './default-agent.contract.ts'
import { examples } from './default-agent.examples.ts'
import { chatWithAgent, showAgentApi } from './default-agent.service.ts'

/** Calls of `/api/agent` that are nowhere else: all of that path are counted in one bucket, talking included. */
export const defaultAgent = {
  index: defineQuery({
    name: 'defaultAgent.index',
    summary: 'List the calls of the API of your agent',
    access: 'account',
    bucket: 'general',
    input: contract.ShowAgentApi,
    output: contract.AgentApiIndex,
    example: examples.index,
    run: showAgentApi,
  }),
  chat: defineMutation({
    name: 'defaultAgent.chat',
    summary: 'Talk to your agent',
    description: 'Both sides are stored, as by `chat.send`, which says more about the reply.',
    access: 'account',
    scope: 'chat:write',
    bucket: 'general',
    transaction: false,
    idempotent: true,
    input: contract.ChatWithAgent,
    output: contract.AgentChatAnswer,
    example: examples.chat,
    run: chatWithAgent,
  }),
}
