import { readKind } from './answer-body.ts'
import { ChoiceReader, headOf, saysSomething, wholeChoices } from './chat-answer.rules.ts'
import { readEvents } from './event-stream.ts'
import { isObject, parseJson } from './json.ts'
import { refusalIn, UpstreamRefused } from './refusal.ts'
import { postJson, readJson, type UpstreamAnswer } from './upstream.ts'
import { readUsage } from './usage.rules.ts'
import { BROKE_OFF, UNREADABLE, UnusableAnswer, type AnswerPart, type ChatCall, type ChatWire } from './wire.ts'

// The request goes to the provider as it came: nothing is lost in translation, and nothing is spent on it.

/** The OpenAI chat API, which all providers but Anthropic speak, more or less. */
export const chatWire: ChatWire = async function* (call) {
  const answer = await send(call)
  call.onActivity()
  if (answer.generationId !== undefined) call.onNamed?.(answer.generationId)
  const { isStream, body } = await readKind(answer, call.onActivity)
  if (isStream) yield* readChatStream(body, call.onActivity)
  else yield* readWhole(await readJson({ body }))
}

function send({ env, route, request, isStream, signal }: ChatCall): Promise<UpstreamAnswer> {
  const { models: _models, stream: _stream, stream_options: _options, ...rest } = request
  const body = { ...rest, model: route.modelName, ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}) }
  return postJson(env, route, 'chat/completions', body, signal)
}

function* readWhole(answer: unknown): Generator<AnswerPart> {
  if (!isObject(answer)) throw new UnusableAnswer(UNREADABLE)
  const choices = wholeChoices(answer)
  const refusal = refusalIn(answer)
  if (choices.length > 0) yield { head: headOf(answer), choices }
  const count = readUsage(answer.usage)
  if (count) yield { count }
  if (refusal) throw new UpstreamRefused(refusal)
  if (choices.length === 0) throw new UnusableAnswer(UNREADABLE)
  if (choices.some(isFailed)) throw new UnusableAnswer(FAILED)
}

const FAILED = 'reported an error in its answer'
/** OpenRouter's word for an answer whose provider failed in the middle. */
const isFailed = ({ finish_reason }: { finish_reason: string | null }): boolean => finish_reason === 'error'

/**
 * The pieces of a streamed answer.
 *
 * @param onActivity Called for every event and every comment.
 * @throws as wires do.
 */
export async function* readChatStream(body: AsyncIterable<Uint8Array>, onActivity: () => void): AsyncGenerator<AnswerPart> {
  const choicesOf = new ChoiceReader()
  let isFinished = false
  let hasContent = false
  let isReadable = true
  for await (const events of readEvents(body, onActivity)) {
    for (const { event, data } of events) {
      if (data === '[DONE]') {
        if (!isFinished && !hasContent) throw new UnusableAnswer(isReadable ? 'sent an empty answer' : UNREADABLE)
        return
      }
      const piece = parseJson(data)
      const isError = event === 'error'
      if (!isObject(piece)) {
        const refusal = isError ? refusalIn({ error: data }) : undefined
        if (refusal) throw new UpstreamRefused(refusal)
        // Anything but JSON is a sign of life of some proxy. What began as JSON said something, and that is lost.
        isReadable &&= data.trim() === ''
        if (data.trimStart().startsWith('{') && !isFinished) throw new UnusableAnswer(UNREADABLE)
        continue
      }
      const choices = choicesOf.read(piece)
      const refusal = refusalIn(isError ? { object: 'error', ...piece } : piece)
      // Some say things beside no choice at all, such as Azure what its filters found.
      if (choices.length > 0 || (Array.isArray(piece.choices) && !refusal)) {
        isFinished ||= choices.some(({ finish_reason }) => finish_reason !== null)
        hasContent ||= choices.some(({ delta }) => saysSomething(delta))
        yield { head: headOf(piece), choices }
      }
      const count = readUsage(piece.usage)
      if (count) yield { count }
      if (refusal) throw new UpstreamRefused(refusal)
      if (choices.some(isFailed)) throw new UnusableAnswer(FAILED)
    }
  }
  if (!isFinished) throw new UnusableAnswer(isReadable || hasContent ? BROKE_OFF : UNREADABLE)
}
