import { type Context, newId } from '#server/platform/core/index.ts'
import type { Attempt, Task } from './attempt.ts'
import { addHeaders, withFallback } from './attempts.ts'
import { withinBudget, workOf } from './call-limits.rules.ts'
import { Charge } from './charge.ts'
import { findCandidates } from './candidates.service.ts'
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequest } from './completions.contract.ts'
import { estimateTokens, promptLength, toCompletionUsage, type Account } from './cost.rules.ts'
import { FinishKeeper } from './finish.ts'
import { lengthOf, sum } from './answer-length.rules.ts'
import {
  AnswerCollector,
  laterCount,
  saysSomething,
  UnusableAnswer,
  wireOf,
  type AnswerHead,
  type AnswerPart,
  type ChoicePiece,
  type TokenCount,
  type WholeChoice,
} from '../wires/index.ts'

/** An answer, and who gave it at what cost. */
export interface Completed extends Account {
  completion: ChatCompletion
  provider: string
}

const taskOf = (request: ChatCompletionRequest): Task => ({ kind: 'chat', askedLength: () => promptLength(request) })

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
  const charge = await Charge.open(ctx, workOf(request))
  return withFallback(ctx, candidates, taskOf(request), charge, async (attempt) => {
    const { candidate, deadline } = attempt
    const collector = new AnswerCollector()
    for await (const part of callModel(ctx, attempt, request, false)) collector.add(part)
    deadline.dispose()
    const { head, choices, count = NOT_COUNTED } = collector.answer
    const account = attempt.record('ok', count, sum(choices.map(({ message }) => lengthOf(message))))
    charge?.close()
    addHeaders(ctx, attempt, account)
    const completion = {
      ...headOf(head),
      object: 'chat.completion' as const,
      model: candidate.id,
      choices: choices.map(toChoice),
      usage: toCompletionUsage(account, count),
    }
    return { ...account, completion, provider: candidate.route.provider }
  })
}

/** Calls the model of an attempt. */
const callModel = ({ platform }: Context, attempt: Attempt, request: ChatCompletionRequest, isStream: boolean) => {
  const { candidate, deadline } = attempt
  return deadline.watch(
    wireOf(candidate.route)({
      env: platform.env,
      route: candidate.route,
      request: withinBudget(request, candidate.route.provider, attempt.charge),
      isStream,
      signal: deadline.signal,
      onActivity: () => deadline.touch(),
      onNamed: (generationId) => attempt.named(generationId),
    }),
  )
}

const NOT_COUNTED: TokenCount = { inputTokens: null, outputTokens: null }

/** What the provider calls the answer, or a name of ours. */
const headOf = ({ id, created, ...rest }: AnswerHead) => ({
  ...rest,
  id: id ?? `chat${newId('completion')}`,
  created: created ?? Math.floor(Date.now() / 1000),
})

function toChoice({ message, ...choice }: WholeChoice): ChatCompletion['choices'][number] {
  const { role: _role, content, tool_calls, ...said } = message
  // Which call a piece belongs to is of no interest once they are whole.
  const calls = tool_calls?.map(({ index: _index, ...call }) => call)
  return { ...choice, message: { role: 'assistant', content: content ?? null, ...said, ...(calls ? { tool_calls: calls } : {}) } }
}

/**
 * The same piece by piece. It settles on a model with its first piece: until then others are tried, after
 * that a failure ends the stream. Who stops reading stops the provider, and pays for what was produced. An answer that takes all its
 * budgets allow ends as one does that has reached its limit of tokens.
 */
export async function* streamCompletion(
  ctx: Context,
  request: ChatCompletionRequest,
  fallbacks: readonly string[] = [],
): AsyncGenerator<ChatCompletionChunk & { provider: string }> {
  const candidates = await findCandidates(ctx, request.model, [...(request.models ?? []), ...fallbacks])
  const charge = await Charge.open(ctx, workOf(request))
  const { attempt, first, rest } = await withFallback(ctx, candidates, taskOf(request), charge, openStream(ctx, request))
  attempt.markFirst()
  addHeaders(ctx, attempt)
  yield* readStream(attempt, request, first, rest)
}

/** Calls the model and waits until it says something, or what to do. */
const openStream = (ctx: Context, request: ChatCompletionRequest) => async (attempt: Attempt) => {
  const parts = callModel(ctx, attempt, request, true)
  const first: AnswerPart[] = []
  for (;;) {
    const { value, done } = await parts.next()
    if (done) throw new UnusableAnswer('sent an empty answer')
    if (first.push(value) > MAX_SILENT_PARTS) throw new UnusableAnswer('sent pieces without end that say nothing')
    if (isTelling(value)) return { attempt, first, rest: parts }
  }
}

/** Pieces that only say who will speak, before the first that says something. */
const MAX_SILENT_PARTS = 1000

const isTelling = (part: AnswerPart): boolean =>
  'choices' in part && part.choices.some(({ delta, finish_reason }) => finish_reason !== null || saysSomething(delta))

async function* readStream(
  attempt: Attempt,
  request: ChatCompletionRequest,
  first: AnswerPart[],
  rest: AsyncGenerator<AnswerPart>,
): AsyncGenerator<ChatCompletionChunk & { provider: string }> {
  const { candidate } = attempt
  const { provider } = candidate.route
  const finish = new FinishKeeper()
  // Every piece of an answer carries the same name, also where the provider gives none.
  const names = headOf(first.map((part) => ('head' in part ? part.head : {})).find(({ id }) => id !== undefined) ?? {})
  let count = NOT_COUNTED
  let answered = 0
  let largest = 0
  const spoken = new Set<number>()
  /** Clients want to be told who speaks, once for each choice; some providers do not say it. */
  const withRole = (choice: ChoicePiece): ChoicePiece => {
    if (spoken.has(choice.index)) return choice
    spoken.add(choice.index)
    return { ...choice, delta: { role: 'assistant', ...choice.delta } }
  }
  const toChunk = ({ head, choices }: { head: AnswerHead; choices: ChoicePiece[] }) => ({
    ...head,
    id: head.id ?? names.id,
    created: head.created ?? names.created,
    object: 'chat.completion.chunk' as const,
    model: candidate.id,
    choices: choices.map(withRole),
    provider,
  })
  const read = function* (part: AnswerPart) {
    if ('count' in part) {
      count = laterCount(count, part.count)
      return
    }
    const added = sum(part.choices.map(({ delta }) => lengthOf(delta)))
    answered += added
    largest = Math.max(largest, added)
    const piece = finish.take(part)
    if (piece) yield toChunk(piece)
  }
  try {
    for (const part of first) yield* read(part)
    for await (const part of rest) {
      yield* read(part)
      // A provider that goes on beyond what it may is not listened to any longer: not even to one more piece.
      if (attempt.charge?.allows(estimateTokens(answered + largest)) === false) {
        finish.cut()
        break
      }
    }
    const usage = toCompletionUsage(attempt.record('ok', count, answered), count)
    const ending = toChunk(finish.ending())
    const wantsOwnChunk = (request.stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true
    if (!wantsOwnChunk) return yield { ...ending, usage }
    yield ending
    yield { ...ending, choices: [], usage }
  } catch (error) {
    const { signal, expired } = attempt.deadline
    const isCallers = signal.aborted && (expired === undefined || expired === 'reader')
    attempt.record(isCallers ? 'aborted' : 'failed', count, answered)
    throw attempt.explain(error)
  } finally {
    // For a reader that left in between; anything else is written down already.
    attempt.record('aborted', count, answered)
    attempt.charge?.close()
    attempt.deadline.cancel()
  }
}
