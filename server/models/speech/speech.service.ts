import { readBytes } from '#server/platform/flow/index.ts'
import { type Context, InvalidInput } from '#server/platform/core/index.ts'
import { UnusableAnswer } from '../wires/index.ts'
import { ProviderNotConfigured } from '../catalogue/index.ts'
import { detectAudioFormat } from './audio-format.ts'
import { callAudioModel, findAudioModel, type AudioModel } from './audio-model.ts'
import { offlineVoices, speakOffline, type OfflineVoice } from './offline-voice.ts'

/** A spoken text. */
export interface Speech {
  audio: Buffer
  format: 'wav' | 'mp3'
  voice: string
  model: string
}

const OFFLINE_MODEL = 'local/flite'

/** The voices all speech models of OpenAI have. Other providers have voices of their own, which only they know. */
const openAiVoices = ['alloy', 'ash', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer'] as const

/** A longer sound is too large to be sent as JSON: about eight minutes of WAV. */
const MAX_AUDIO_BYTES = 16_000_000

/**
 * Says a text with the operator's speech model, or with the small English voice inside the server.
 *
 * @throws InvalidInput for a voice there is not, or a text that cannot be spoken; ProviderNotConfigured
 * when the operator's model has no provider; ModelFailed, SpeechFailed, SpeechBusy.
 */
export async function synthesizeSpeech(ctx: Context, text: string, voice: string | undefined): Promise<Speech> {
  const { SPEECH_MODEL } = ctx.platform.env
  const speech = SPEECH_MODEL ? await speakOnline(ctx, SPEECH_MODEL, text, voice) : await speakInside(ctx, text, voice)
  if (speech.audio.length > MAX_AUDIO_BYTES) throw new InvalidInput([{ field: 'text', message: 'expected a text that is spoken sooner' }])
  return speech
}

async function speakInside({ signal, platform }: Context, text: string, voice: string | undefined): Promise<Speech> {
  const chosen = chooseVoice(offlineVoices, voice) as OfflineVoice
  if (!/[a-z0-9]/i.test(text)) throw new InvalidInput([{ field: 'text', message: 'expected words in English or numbers' }])
  const audio = await speakOffline(text, chosen, AbortSignal.any([signal, platform.shutdown]))
  return { audio, format: 'wav', voice: chosen, model: OFFLINE_MODEL }
}

async function speakOnline(ctx: Context, modelId: string, text: string, voice: string | undefined): Promise<Speech> {
  const model = await findAudioModel(ctx, modelId)
  if (!model) {
    throw new ProviderNotConfigured(
      `SPEECH_MODEL is "${modelId}", which needs openai/, groq/ or compatible/ in front and the key or address of that provider.`,
    )
  }
  const chosen = model.route.provider === 'openai' ? chooseVoice(openAiVoices, voice) : (voice ?? openAiVoices[0])
  const { value } = await postSpeech(ctx, model, text, chosen)
  return { ...value, voice: chosen, model: modelId }
}

const postSpeech = (ctx: Context, model: AudioModel, text: string, voice: string) =>
  callAudioModel<Pick<Speech, 'audio' | 'format'>>(
    ctx,
    model,
    {
      kind: 'speech',
      path: 'audio/speech',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: model.route.modelName, input: text, voice, response_format: 'mp3' }),
    },
    async ({ body }) => {
      const audio = await readBytes(body, MAX_AUDIO_BYTES)
      const format = detectAudioFormat(audio)?.name
      if (format !== 'mp3' && format !== 'wav') throw new UnusableAnswer('sent something that is neither MP3 nor WAV')
      return { value: { audio, format }, inputTokens: null, outputTokens: null }
    },
  )

/** @throws InvalidInput naming the voices there are. */
function chooseVoice(voices: readonly string[], voice: string | undefined): string {
  if (voice === undefined) return voices[0]!
  if (!voices.includes(voice)) throw new InvalidInput([{ field: 'voice', message: `expected one of ${voices.join(', ')}` }])
  return voice
}
