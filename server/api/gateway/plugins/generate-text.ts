import { z } from 'zod'
import { definePlugin } from './plugin.ts'
import { complete, streamCompletion } from './completion.ts'
import { Messages } from './messages.ts'

export const generateTextPlugin = definePlugin({
  id: 'generate-text',
  description: 'Lets a language model go on with a conversation.',
  priceMicroUsd: 10_000,
  input: z.object({ messages: Messages, model: z.string().min(1).optional() }),
  run: complete,
  stream: streamCompletion,
})
