import { defineList, defineMutation, defineStream } from '#server/platform/operations/operation.ts'
import { definePages, placeById } from '#server/platform/operations/pages.ts'
import { countMessages, listMessagePage, listMessages } from '../conversations/conversations.service.ts'
import * as contract from './chat.contract.ts'
import * as service from './chat.service.ts'

export const chat = {
  list: defineList({
    name: 'chat.list',
    summary: 'List the message history',
    description: 'Newest first.',
    access: 'account',
    scope: 'chat:read',
    bucket: 'chat',
    input: contract.ListMessages,
    output: contract.MessageList,
    pages: definePages({
      input: contract.FilterMessages,
      node: contract.Message,
      place: placeById,
      list: listMessagePage,
      count: countMessages,
    }),
    run: listMessages,
  }),
  send: defineMutation({
    name: 'chat.send',
    summary: 'Send a message to an agent and get its reply',
    description: 'Both sides are stored. When the model fails the message stays and can be retried.',
    access: 'account',
    scope: 'chat:write',
    bucket: 'chat',
    transaction: false,
    idempotent: true,
    input: contract.SendMessage,
    output: contract.ChatReply,
    run: service.sendMessage,
  }),
  stream: defineStream({
    name: 'chat.stream',
    summary: 'Send a message to an agent and watch its reply being written',
    access: 'account',
    scope: 'chat:write',
    bucket: 'chat',
    input: contract.SendMessage,
    output: contract.ChatEvent,
    run: service.streamMessage,
  }),
  retry: defineMutation({
    name: 'chat.retry',
    summary: 'Answer a stored message that got no answer',
    access: 'account',
    scope: 'chat:write',
    bucket: 'chat',
    transaction: false,
    idempotent: true,
    input: contract.RetryMessage,
    output: contract.ChatReply,
    run: service.retryMessage,
  }),
  streamRetry: defineStream({
    name: 'chat.streamRetry',
    summary: 'Answer a stored message that got no answer, and watch the reply being written',
    access: 'account',
    scope: 'chat:write',
    bucket: 'chat',
    input: contract.RetryMessage,
    output: contract.ChatEvent,
    run: service.streamRetry,
  }),
}
