import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream'
import { AnswerTooLarge, boundedFetch, readStart } from '#server/platform/flow/index.ts'
import { MAX_TEXT_CHARACTERS, streamLimits, ModelFailed } from '#server/models/catalogue/index.ts'
import { RuntimeUnreachable, type RuntimeAgent, type RuntimeEvent, type RuntimeTurn } from '../interface/index.ts'

/** Longest one answer of an agent may take, its tools included. */
const MAX_ANSWER_MS = 15 * 60_000
const MAX_REFUSAL_BYTES = 16_000

const probe = boundedFetch({ maxBytes: 64_000, maxMs: 3000 })
const converse = boundedFetch({ ...streamLimits, maxMs: MAX_ANSWER_MS })

/** Whether the gateway at that address takes messages; false too when nothing answers there. */
export async function isGatewayReady(url: string): Promise<boolean> {
  try {
    const response = await probe(`${url}/readyz`)
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/**
 * Has the gateway at that address answer one message. It keeps the conversation itself, by session. Which model answered only the
 * server knows, that its calls go to.
 *
 * @throws RuntimeUnreachable, ModelFailed, the signal's reason
 */
export async function* askGateway(url: string, agent: RuntimeAgent, turn: RuntimeTurn, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const left = new AbortController()
  const ended = AbortSignal.any([signal, left.signal])
  let text = ''
  try {
    const response = await post(url, agent, turn, ended)
    if (!response.ok || !response.body) throw await refusal(response, agent.model)
    for await (const { data } of toEvents(response.body)) {
      if (data === '[DONE]') return yield { type: 'finish', text, model: null }
      const delta = readDelta(data, agent.model, text)
      if (delta === '') continue
      text += delta
      if (text.length > MAX_TEXT_CHARACTERS) throw new AnswerTooLarge(MAX_TEXT_CHARACTERS, 'answer')
      yield { type: 'delta', text: delta }
    }
    throw new RuntimeUnreachable('The agent broke off in the middle of its answer.')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RuntimeUnreachable || error instanceof ModelFailed) throw error
    if (isEndless(error))
      throw new ModelFailed(agent.model, { code: 'MODEL_FAILED', problem: 'sent an answer without an end', cause: error }, text)
    throw new RuntimeUnreachable('The agent does not answer.', { cause: error })
  } finally {
    left.abort()
  }
}

const post = (url: string, { token }: RuntimeAgent, { sessionId, message }: RuntimeTurn, signal: AbortSignal) =>
  converse(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openclaw', stream: true, user: sessionId, messages: [{ role: 'user', content: message }] }),
    signal,
  })

const toEvents = (body: ReadableStream<Uint8Array>) =>
  body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream()) as unknown as AsyncIterable<EventSourceMessage>

/** Whether an answer was given up because it grew, or took, beyond every limit. */
const isEndless = (error: unknown): boolean =>
  error instanceof AnswerTooLarge || (error instanceof DOMException && error.name === 'TimeoutError')

/** The text of one event. @throws ModelFailed when it says that the model failed, with what was said until then. */
function readDelta(data: string, model: string, partialText: string): string {
  const event = JSON.parse(data) as { error?: unknown; choices?: { delta?: { content?: string | null } }[] }
  if (event.error) throw new ModelFailed(model, { code: 'MODEL_FAILED', problem: 'failed', cause: event.error }, partialText)
  return event.choices?.[0]?.delta?.content ?? ''
}

async function refusal(response: Response, model: string): Promise<RuntimeUnreachable | ModelFailed> {
  const { status } = response
  const cause = response.body ? await readStart(response.body, MAX_REFUSAL_BYTES) : ''
  if (status === 401 || status === 403) return new RuntimeUnreachable('The agent refuses the token it was started with.', { cause })
  if (status === 503) return new RuntimeUnreachable('The agent does not take messages at the moment.', { cause })
  return new ModelFailed(model, { code: 'MODEL_FAILED', problem: `failed (HTTP ${status})`, upstreamStatus: status, cause }, '')
}
