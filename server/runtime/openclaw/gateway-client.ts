import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream'
import { ModelFailed } from '../../models/models.errors.ts'
import { RuntimeUnreachable, type RuntimeAgent, type RuntimeEvent, type RuntimeTurn } from '../driver.ts'

const PROBE_MS = 3000

/** Whether the gateway at that address takes messages; false too when nothing answers there. */
export async function isGatewayReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PROBE_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/**
 * Has the gateway at that address answer one message. It keeps the conversation itself, by session.
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
      if (data === '[DONE]') return yield { type: 'finish', text, model: agent.model }
      const delta = readDelta(data, agent.model, text)
      if (delta === '') continue
      text += delta
      yield { type: 'delta', text: delta }
    }
    throw new RuntimeUnreachable('The agent broke off in the middle of its answer.')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RuntimeUnreachable || error instanceof ModelFailed) throw error
    throw new RuntimeUnreachable('The agent does not answer.', { cause: error })
  } finally {
    left.abort()
  }
}

const post = (url: string, { token }: RuntimeAgent, { sessionId, message }: RuntimeTurn, signal: AbortSignal) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openclaw', stream: true, user: sessionId, messages: [{ role: 'user', content: message }] }),
    signal,
  })

const toEvents = (body: ReadableStream<Uint8Array>) =>
  body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream()) as unknown as AsyncIterable<EventSourceMessage>

/** The text of one event. @throws ModelFailed when it says that the model failed, with what was said until then. */
function readDelta(data: string, model: string, partialText: string): string {
  const event = JSON.parse(data) as { error?: unknown; choices?: { delta?: { content?: string | null } }[] }
  if (event.error) throw new ModelFailed(model, { code: 'MODEL_FAILED', problem: 'failed', cause: event.error }, partialText)
  return event.choices?.[0]?.delta?.content ?? ''
}

async function refusal(response: Response, model: string): Promise<RuntimeUnreachable | ModelFailed> {
  const { status } = response
  const cause = await response.text()
  if (status === 401 || status === 403) return new RuntimeUnreachable('The agent refuses the token it was started with.', { cause })
  if (status === 503) return new RuntimeUnreachable('The agent does not take messages at the moment.', { cause })
  return new ModelFailed(model, { code: 'MODEL_FAILED', problem: `failed (HTTP ${status})`, upstreamStatus: status, cause }, '')
}
