import { z } from 'zod'
import { synthesizeSpeech } from '#server/models/speech/index.ts'
import { payerOf } from './payer.ts'
import { definePlugin } from './plugin.ts'

const MAX_CHARACTERS = 4000
const expectedText = `expected 1 to ${MAX_CHARACTERS} characters`

export const ttsPlugin = definePlugin({
  id: 'tts',
  description: 'Says a text: the sound comes as base64 in `data`.',
  priceMicroUsd: 30_000,
  input: z.object({
    text: z.string(expectedText).trim().min(1, expectedText).max(MAX_CHARACTERS, expectedText),
    voice: z.string().min(1).optional(),
  }),
  async run(ctx, { text, voice }) {
    const { audio, model, ...speech } = await synthesizeSpeech(payerOf(ctx), text, voice)
    return {
      message: text,
      data: { audio: audio.toString('base64'), ...speech, bytes: audio.length },
      usage: { model, inputTokens: null, outputTokens: null, costNanoUsd: null },
    }
  },
})
