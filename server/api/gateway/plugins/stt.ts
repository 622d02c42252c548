import { z } from 'zod'
import { transcribe } from '#server/models/speech/index.ts'
import { payerOf } from './payer.ts'
import { definePlugin } from './plugin.ts'

const expectedAudio = 'expected a sound file in base64'

export const sttPlugin = definePlugin({
  id: 'stt',
  description: 'Writes down what is said in a sound file.',
  priceMicroUsd: 20_000,
  input: z.object({
    audio: z
      .base64(expectedAudio)
      .min(1, expectedAudio)
      .transform((text) => Buffer.from(text, 'base64')),
  }),
  async run(ctx, { audio }) {
    const { text, model, format, inputTokens, outputTokens } = await transcribe(payerOf(ctx), audio)
    return { message: text, data: { model, format }, usage: { model, inputTokens, outputTokens, costNanoUsd: null } }
  },
})
