import { readKind } from './answer-body.ts'
import { readEvents } from './event-stream.ts'
import { isObject, parseJson } from './json.ts'
import { MessageReader, wholeMessage } from './messages-answer.rules.ts'
import { toMessagesRequest } from './messages-request.rules.ts'
import { refusalIn, UpstreamRefused } from './refusal.ts'
import { post, readJson, type UpstreamAnswer } from './upstream.ts'
import { BROKE_OFF, UNREADABLE, UnusableAnswer, type AnswerPart, type ChatCall, type ChatWire } from './wire.ts'

/** Anthropic's Messages API. */
export const messagesWire: ChatWire = async function* (call) {
  const answer = await send(call)
  call.onActivity()
  const { isStream, body } = await readKind(answer, call.onActivity)
  if (isStream) yield* readStream(body, call)
  else yield* readWhole(await readJson({ body }))
}

function send({ env, route, request, isStream, signal }: ChatCall): Promise<UpstreamAnswer> {
  const body = { ...toMessagesRequest(request, route.modelName), ...(isStream ? { stream: true } : {}) }
  const headers = { 'content-type': 'application/json', 'x-api-key': route.apiKey ?? '', 'anthropic-version': '2023-06-01' }
  return post(`${env.ANTHROPIC_BASE_URL.replace(/\/$/, '')}/messages`, { headers, body: JSON.stringify(body), signal })
}

function* readWhole(answer: unknown): Generator<AnswerPart> {
  if (!isObject(answer)) throw new UnusableAnswer(UNREADABLE)
  const refusal = refusalIn(answer)
  if (refusal) throw new UpstreamRefused(refusal)
  const message = wholeMessage(answer)
  if (!message) throw new UnusableAnswer(UNREADABLE)
  yield { head: message.id === undefined ? {} : { id: message.id }, choices: [message.choice] }
  yield* message.counts
}

async function* readStream(body: AsyncIterable<Buffer>, { onActivity }: ChatCall): AsyncGenerator<AnswerPart> {
  const reader = new MessageReader()
  let hasContent = false
  for await (const events of readEvents(body, onActivity)) {
    for (const { data } of events) {
      const event = parseJson(data)
      if (!isObject(event)) {
        if (data.trimStart().startsWith('{') && !reader.isFinished) throw new UnusableAnswer(UNREADABLE)
        continue
      }
      const refusal = refusalIn(event)
      if (refusal) throw new UpstreamRefused(refusal)
      const parts = reader.read(event)
      hasContent ||= parts.length > 0
      yield* parts
      if (reader.isDone) return
    }
  }
  if (!reader.isFinished) throw new UnusableAnswer(hasContent ? BROKE_OFF : UNREADABLE)
}
