import { bind, type RestRequest, type StreamFormat } from '#server/platform/operations/index.ts'
import { toOpenAiError } from './openai-error.rules.ts'
import { OpenAiError } from './openai.contract.ts'
import { openai } from './openai.operations.ts'

const asOpenAi = { tag: 'openai', writeError: toOpenAiError, errorSchema: OpenAiError }
const streamFormat: StreamFormat = { data: (chunk) => chunk, error: toOpenAiError, end: '[DONE]' }

export { toOpenAiError }

export const openaiRest = {
  models: bind({ ...asOpenAi, id: 'listOpenAiModels', operation: openai.models }),
  model: bind({
    ...asOpenAi,
    id: 'getOpenAiModel',
    operation: openai.model,
    params: { '*': 'model' },
    errors: [404],
  }),
  complete: bind({
    ...asOpenAi,
    id: 'createChatCompletion',
    operation: openai.complete,
    stream: openai.stream,
    isStreamWanted: ({ body }: RestRequest) => (body as { stream?: unknown } | null)?.stream === true,
    streamFormat,
    errors: [402, 403, 404, 502, 503],
  }),
  embed: bind({ ...asOpenAi, id: 'createEmbeddings', operation: openai.embed, errors: [402, 403, 404, 502, 503] }),
}
