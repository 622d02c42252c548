import { AnswerTooLarge, boundedFetch, readStart } from '#server/platform/flow/index.ts'
import { redactSecrets } from '#server/platform/core/index.ts'
import { MAX_TEXT_CHARACTERS, streamLimits, ModelFailed, type ModelFailure } from '#server/models/catalogue/index.ts'
import { startDeadline } from '#server/models/completions/index.ts'
import { readChatStream, UnusableAnswer, UpstreamRefused } from '#server/models/wires/index.ts'
import { RuntimeUnreachable, type RuntimeAgent, type RuntimeEvent, type RuntimeTurn } from '../interface/index.ts'

/** Longest an agent may be silent in its answer: its tools take their time. */
const MAX_SILENCE_MS = 15 * 60_000
const MAX_REFUSAL_BYTES = 16_000

const probe = boundedFetch({ maxBytes: 64_000, maxMs: 3000 })
const converse = boundedFetch(streamLimits)

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
  const deadline = startDeadline(signal, MAX_SILENCE_MS)
  let text = ''
  try {
    const response = await post(url, agent, turn, deadline.signal)
    if (!response.ok || !response.body) throw await refusal(response, agent.model)
    for await (const part of readChatStream(response.body as unknown as AsyncIterable<Uint8Array>, () => deadline.touch())) {
      for (const { delta } of 'choices' in part ? part.choices : []) {
        if (typeof delta.reasoning_content === 'string') yield { type: 'reasoning', text: delta.reasoning_content }
        if (!delta.content) continue
        text += delta.content
        if (text.length > MAX_TEXT_CHARACTERS) throw new AnswerTooLarge(MAX_TEXT_CHARACTERS, 'answer')
        yield { type: 'delta', text: delta.content }
      }
    }
    yield { type: 'finish', text, model: null }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RuntimeUnreachable || error instanceof ModelFailed) throw error
    if (error instanceof UpstreamRefused) throw new ModelFailed(agent.model, failureIn(error, agent), text)
    if (deadline.expired || error instanceof AnswerTooLarge)
      throw new ModelFailed(agent.model, { code: 'MODEL_FAILED', problem: 'sent an answer without an end', cause: error }, text)
    if (error instanceof UnusableAnswer) throw new RuntimeUnreachable('The agent broke off in the middle of its answer.', { cause: error })
    throw new RuntimeUnreachable('The agent does not answer.', { cause: error })
  } finally {
    deadline.cancel()
  }
}

const post = (url: string, { token }: RuntimeAgent, { sessionId, message }: RuntimeTurn, signal: AbortSignal) =>
  converse(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openclaw', stream: true, user: sessionId, messages: [{ role: 'user', content: message }] }),
    signal,
  })

/** What the agent says in the middle of its answer: that its model failed, in its own words. */
function failureIn(error: UpstreamRefused, { token }: RuntimeAgent): ModelFailure {
  const words = redactSecrets(error.message, [token])
    .trim()
    .replace(/[. ]+$/, '')
  return { code: 'MODEL_FAILED', problem: words === '' ? 'failed' : `failed: ${words}`, cause: error }
}

async function refusal(response: Response, model: string): Promise<RuntimeUnreachable | ModelFailed> {
  const { status } = response
  const cause = response.body ? await readStart(response.body, MAX_REFUSAL_BYTES) : ''
  if (status === 401 || status === 403) return new RuntimeUnreachable('The agent refuses the token it was started with.', { cause })
  if (status === 503) return new RuntimeUnreachable('The agent does not take messages at the moment.', { cause })
  return new ModelFailed(model, { code: 'MODEL_FAILED', problem: `failed (HTTP ${status})`, upstream: { status }, cause }, '')
}
