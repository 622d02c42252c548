import { defineMutation, defineQuery, defineStream } from '#server/platform/operations/index.ts'
import * as contract from './openai.contract.ts'
import * as service from './openai.service.ts'

export const openai = {
  models: defineQuery({
    name: 'openai.models',
    summary: 'List models (OpenAI format)',
    access: 'public',
    bucket: 'general',
    input: contract.ListOpenAiModels,
    output: contract.OpenAiModelList,
    run: service.listModels,
  }),
  model: defineQuery({
    name: 'openai.model',
    summary: 'Get one model (OpenAI format)',
    access: 'public',
    bucket: 'general',
    input: contract.OpenAiModelRef,
    output: contract.OpenAiModel,
    run: service.getModel,
  }),
  complete: defineMutation({
    name: 'openai.complete',
    summary: 'Complete a chat (OpenAI format)',
    description: '`model` is a model id, or `agent:<id>` to talk to one of your agents, for which a key needs `chat:write` as well.',
    access: 'account',
    scope: 'models:write',
    bucket: 'general',
    transaction: false,
    idempotent: true,
    input: contract.ChatCompletionRequest,
    output: contract.ChatCompletion,
    run: service.complete,
  }),
  stream: defineStream({
    name: 'openai.stream',
    summary: 'Complete a chat chunk by chunk (OpenAI format)',
    access: 'account',
    scope: 'models:write',
    bucket: 'general',
    input: contract.ChatCompletionRequest,
    output: contract.ChatCompletionChunk,
    run: service.stream,
  }),
  embed: defineMutation({
    name: 'openai.embed',
    summary: 'Embed text (OpenAI format)',
    access: 'account',
    scope: 'models:write',
    bucket: 'general',
    transaction: false,
    idempotent: true,
    input: contract.CreateEmbeddings,
    output: contract.EmbeddingList,
    run: service.createEmbeddings,
  }),
}
