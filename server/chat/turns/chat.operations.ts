import { defineList, defineMutation, defineStream, definePages, placeById } from '#server/platform/operations/index.ts'
import { countMessages, listMessagePage, listMessages } from '../conversations/index.ts'
import * as contract from './chat.contract.ts'
import { repeatedAnswer } from './chat.rules.ts'
import * as service from './chat.service.ts'
import { examples } from './chat.examples.ts'

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
    example: examples.list,
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
    example: examples.send,
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
    repeat: repeatedAnswer,
    example: examples.stream,
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
    example: examples.retry,
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
    repeat: repeatedAnswer,
    example: examples.streamRetry,
    run: service.streamRetry,
  }),
}
