import { z } from 'zod'
import { type Context, InvalidInput } from '#server/platform/core/index.ts'
import { UnusableAnswer, readAnswer, readUsage } from '../wires/index.ts'
import { ProviderNotConfigured } from '../catalogue/index.ts'
import { audioFormatNames, detectAudioFormat, type AudioFormat } from './audio-format.ts'
import { callAudioModel, findAudioModel } from './audio-model.ts'

/** What was said in a sound. Tokens are null where the provider does not count them. */
export interface Transcript {
  text: string
  model: string
  format: string
  inputTokens: number | null
  outputTokens: number | null
}

const DEFAULT_MODEL = 'openai/whisper-1'

/** What accounts for it may be missing, or be anything. */
const Answer = z.object({ text: z.string(), usage: z.unknown().optional() })

/**
 * Writes down what is said in a sound file.
 *
 * @throws InvalidInput when it is none; ProviderNotConfigured when there is no model that listens; ModelFailed.
 */
export async function transcribe(ctx: Context, audio: Buffer): Promise<Transcript> {
  const format = detectAudioFormat(audio)
  if (!format) throw new InvalidInput([{ field: 'audio', message: `expected a sound file: ${audioFormatNames.join(', ')}` }])
  const { TRANSCRIPTION_MODEL } = ctx.platform.env
  // Only OpenAI itself is sure to have the default; another server has what the operator says.
  const model = await (TRANSCRIPTION_MODEL ? findAudioModel(ctx, TRANSCRIPTION_MODEL) : findAudioModel(ctx, DEFAULT_MODEL, ['openai']))
  if (!model) throw new ProviderNotConfigured(sayWhatIsMissing(TRANSCRIPTION_MODEL))
  const request = { kind: 'transcription', path: 'audio/transcriptions', ...(await formOf(audio, format, model.route.modelName)) } as const
  const { value, ...tokens } = await callAudioModel(ctx, model, request, async (response) => {
    const parsed = Answer.safeParse(await readAnswer(response))
    if (!parsed.success) throw new UnusableAnswer('sent an answer without a transcript')
    const { inputTokens = null, outputTokens = null } = readUsage(parsed.data.usage) ?? {}
    return { value: parsed.data.text, inputTokens, outputTokens }
  })
  return { text: value, model: model.id, format: format.name, ...tokens }
}

/** The name of the file says what it is: providers go by its ending. */
async function formOf(audio: Buffer, format: AudioFormat, model: string): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const form = new FormData()
  form.set('model', model)
  form.set('response_format', 'json')
  form.set('file', new File([new Uint8Array(audio)], `audio.${format.name}`, { type: format.mediaType }))
  const encoded = new Response(form)
  return { headers: { 'content-type': encoded.headers.get('content-type')! }, body: Buffer.from(await encoded.arrayBuffer()) }
}

const sayWhatIsMissing = (model: string | undefined): string =>
  model
    ? `TRANSCRIPTION_MODEL is "${model}", which needs openai/, groq/ or compatible/ in front and the key or address of that provider.`
    : 'Speech to text is not set up here: set OPENAI_API_KEY, or TRANSCRIPTION_MODEL and the key of its provider.'
