import type { Context } from '#server/platform/core/context.ts'
import type { Attempt, Task } from './attempt.ts'
import { addHeaders, withFallback } from './attempts.ts'
import type { Candidate } from './candidates.service.ts'
import { findCandidates } from './candidates.service.ts'
import type { AnswerPart, ChatWire, TokenCount } from './chat-adapter.ts'
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequest } from './completions.contract.ts'
import { promptLength, toCompletionUsage, type Account } from './cost.rules.ts'
import { UnusableAnswer } from './generate.failure.ts'
import { openAiWire } from './openai-adapter.ts'
import { sdkWire } from './sdk-adapter.ts'
import { speaksOpenAi } from './upstream.ts'

/** An answer, and who gave it at what cost. */
export interface Completed extends Account {
  completion: ChatCompletion
  provider: string
}

const taskOf = (request: ChatCompletionRequest): Task => ({ kind: 'chat', askedLength: () => promptLength(request) })

const wireOf = ({ route }: Candidate): ChatWire => (speaksOpenAi(route) ? openAiWire : sdkWire)

/**
 * Has a chat completed by the model it names, or by the first of the fallbacks that can. Every attempt is
 * metered. The answer carries what it cost and the time this server added in headers.
 *
 * @param fallbacks Models to try when the one that was asked for fails.
 * @throws what findCandidates throws; ModelRefusedRequest, InvalidInput when the request is at fault;
 * ModelFailed when every model failed or timed out; the signal's reason when the caller went away.
 */
export async function createCompletion(
  ctx: Context,
  request: ChatCompletionRequest,
  fallbacks: readonly string[] = [],
): Promise<Completed> {
  const candidates = await findCandidates(ctx, request.model, [...(request.models ?? []), ...fallbacks])
  return withFallback(ctx, candidates, taskOf(request), async (attempt) => {
    const { candidate, deadline } = attempt
    const answer = await wireOf(candidate).complete({ env: ctx.platform.env, route: candidate.route, request, signal: deadline.signal })
    deadline.dispose()
    const answered = answer.choices.reduce((sum, { message }) => sum + (message.content?.length ?? 0), 0)
    const account = attempt.record('ok', answer.count, answered)
    addHeaders(ctx, attempt, account)
    const { id, created, choices } = answer
    const completion = { id, object: 'chat.completion' as const, created, model: candidate.id, choices, usage: toCompletionUsage(account) }
    return { ...account, completion, provider: candidate.route.provider }
  })
}

/**
 * The same piece by piece. It settles on a model with its first piece: until then others are tried, after
 * that a failure ends the stream. Who stops reading stops the provider, and pays for what was produced.
 */
export async function* streamCompletion(
  ctx: Context,
  request: ChatCompletionRequest,
  fallbacks: readonly string[] = [],
): AsyncGenerator<ChatCompletionChunk & { provider: string }> {
  const candidates = await findCandidates(ctx, request.model, [...(request.models ?? []), ...fallbacks])
  const { attempt, first, rest } = await withFallback(ctx, candidates, taskOf(request), openStream(ctx, request))
  attempt.markFirst()
  addHeaders(ctx, attempt)
  yield* readStream(attempt, request, first, rest)
}

/** Calls the model and waits until it says something, or what to do. */
const openStream = (ctx: Context, request: ChatCompletionRequest) => async (attempt: Attempt) => {
  const { candidate, deadline } = attempt
  const parts = wireOf(candidate).stream({ env: ctx.platform.env, route: candidate.route, request, signal: deadline.signal })
  const first: AnswerPart[] = []
  for (;;) {
    const { value, done } = await parts.next()
    if (done) throw new UnusableAnswer('sent an empty answer')
    if (first.push(value) > MAX_SILENT_PARTS) throw new UnusableAnswer('sent pieces without end that say nothing')
    if (saysSomething(value)) return { attempt, first, rest: parts }
  }
}

/** Pieces that only say who will speak, before the first that says something. */
const MAX_SILENT_PARTS = 1000

const saysSomething = (part: AnswerPart): boolean =>
  'count' in part || part.chunk.choices.some(({ delta, finish_reason }) => Boolean(finish_reason) || isTelling(delta))

/** Who speaks is no news; what it thinks is, under whichever name. */
const isTelling = ({ role: _role, ...said }: Record<string, unknown>): boolean =>
  Object.values(said).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))

async function* readStream(
  attempt: Attempt,
  request: ChatCompletionRequest,
  first: AnswerPart[],
  rest: AsyncGenerator<AnswerPart>,
): AsyncGenerator<ChatCompletionChunk & { provider: string }> {
  const { candidate } = attempt
  const { provider } = candidate.route
  let count: TokenCount = { inputTokens: null, outputTokens: null }
  let answered = 0
  /** Comes last, so that it can carry what the answer took. */
  let ending: ChatCompletionChunk | undefined
  const read = function* (part: AnswerPart): Generator<ChatCompletionChunk> {
    if ('count' in part) {
      count = part.count
      return
    }
    const chunk = { ...part.chunk, object: 'chat.completion.chunk' as const, model: candidate.id }
    for (const { delta } of chunk.choices) answered += typeof delta.content === 'string' ? delta.content.length : lengthOf(delta.tool_calls)
    if (chunk.choices.some((choice) => choice.finish_reason)) ending = chunk
    else yield chunk
  }
  try {
    for (const part of first) for (const chunk of read(part)) yield { ...chunk, provider }
    for await (const part of rest) for (const chunk of read(part)) yield { ...chunk, provider }
    const usage = toCompletionUsage(attempt.record('ok', count, answered))
    if (!ending) return
    const wantsOwnChunk = (request.stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true
    if (!wantsOwnChunk) return yield { ...ending, usage, provider }
    yield { ...ending, provider }
    yield { ...ending, choices: [], usage, provider }
  } catch (error) {
    attempt.record(attempt.deadline.signal.aborted && !attempt.deadline.isTimedOut() ? 'aborted' : 'failed', count, answered)
    throw attempt.explain(error)
  } finally {
    // For a reader that left in between; anything else is written down already.
    attempt.record('aborted', count, answered)
    attempt.deadline.cancel()
  }
}

const lengthOf = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length)
