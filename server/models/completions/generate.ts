import type { Env } from '#server/platform/core/index.ts'
import { isBudgetRefusal } from '#server/money/budgets/index.ts'
import { failureOf } from './attempt.ts'
import { startDeadline, type Deadline } from './deadline.ts'
import { limitFieldOf, withinBudget } from './call-limits.rules.ts'
import type { Charge } from './charge.ts'
import { explainEmpty } from './failures.ts'
import { streamStep, type StepEvent } from './generate.step.ts'
import { describeTools, runTool, type ToolSet } from './generate.tools.ts'
import { MAX_TEXT_CHARACTERS, ModelFailed, type ResolvedModel } from '../catalogue/index.ts'
import { UnusableAnswer, wireOf, type ChatRequest, type ChatRequestMessage, type TokenCount } from '../wires/index.ts'

export interface GenerationRequest {
  env: Env
  model: ResolvedModel
  system?: string
  messages: { role: 'user' | 'assistant'; content: string }[]
  tools?: ToolSet
  temperature?: number
  maxOutputTokens?: number
  /** Aborting it stops the provider's call. */
  signal: AbortSignal
  /** Longest the provider may be silent. */
  silenceMs: number
  /** Most model calls for one answer; 8 by default. */
  maxSteps?: number
  /** Sets aside what a call may take of budgets, before each. What it throws because a budget is used up ends the answer as it is. */
  beginCall?: (chat: ChatRequest) => Promise<Charge | undefined>
  /** Called with what the provider calls a call, where it can be asked about it later. */
  onNamed?: (generationId: string) => void
}

export type GenerationEvent =
  | StepEvent
  /** It took `ms`. `cause` is set when the tool broke unexpectedly; it belongs into the log, not into an answer. */
  | { type: 'tool'; name: string; input: unknown; result: unknown; ms: number; cause?: unknown }
  /** One finished model call. `isEstimated`: it was cut off before the provider had counted. `latencyMs` is to its end, `firstTokenMs` to its first text, null when it had none. */
  | { type: 'call'; count: TokenCount; isEstimated: boolean; latencyMs: number; firstTokenMs: number | null }
  /** The last event: the text of all steps, and why the model stopped (`stop`, `length`, `tool_calls`, …), where it said so. */
  | { type: 'finish'; text: string; finishReason: string | null }

const DEFAULT_MAX_STEPS = 8

/**
 * Lets a model answer, running the tools it asks for, and yields what happens as it happens.
 * Leaving the loop early stops the provider's call.
 *
 * @throws ModelFailed when the provider fails, is silent for too long, or answers nothing; what `beginCall` throws for a budget.
 * @throws the signal's reason when `signal` aborts.
 */
export async function* generate(request: GenerationRequest): AsyncGenerator<GenerationEvent> {
  const { env, model, signal, silenceMs } = request
  signal.throwIfAborted()
  const deadline = startDeadline(signal, silenceMs)
  let text = ''
  try {
    for await (const event of runSteps(request, deadline)) {
      if (event.type === 'delta') text += event.text
      if (text.length > MAX_TEXT_CHARACTERS) throw new UnusableAnswer('sent an answer that is too large')
      yield event
    }
  } catch (error) {
    signal.throwIfAborted()
    if (isBudgetRefusal(error)) throw error
    throw new ModelFailed(model.id, failureOf(error, { env, route: model, deadline, silenceMs }), text)
  } finally {
    // Stops the provider as well, for a caller that left the loop early.
    deadline.cancel()
  }
}

async function* runSteps(request: GenerationRequest, deadline: Deadline): AsyncGenerator<GenerationEvent> {
  const { env, model, tools = {}, maxSteps = DEFAULT_MAX_STEPS } = request
  const { signal } = deadline
  const named = request.onNamed ? { onNamed: request.onNamed } : {}
  const chat = toChat(request)
  let text = ''
  let finishReason: string | null = null
  for (let count = 0; count < maxSteps; count += 1) {
    const charge = await request.beginCall?.(chat)
    const limited = withinBudget(chat, model.provider, charge)
    const call = { env, route: model, request: limited, isStream: true, signal, onActivity: () => deadline.touch(), ...named }
    const step = yield* streamStep(deadline.watch(wireOf(model)(call)), (tokens) => charge?.allows(tokens) !== false)
    yield { type: 'call', count: step.count, isEstimated: step.isCut, latencyMs: step.latencyMs, firstTokenMs: step.firstTokenMs }
    text += step.text
    finishReason = step.finishReason
    if (step.toolCalls.length === 0) break

    const results: ChatRequestMessage[] = []
    for (const call of step.toolCalls) {
      const began = performance.now()
      const run = await runTool(tools, call, signal)
      yield {
        type: 'tool',
        name: call.function?.name ?? '',
        input: run.input,
        result: run.result,
        ms: performance.now() - began,
        ...(run.cause !== undefined && { cause: run.cause }),
      }
      results.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(run.result ?? null) })
    }
    chat.messages = [...chat.messages, step.message, ...results]
  }
  if (text.trim() === '') throw new UnusableAnswer(explainEmpty(finishReason))
  yield { type: 'finish', text, finishReason }
}

function toChat({ model, system, messages, tools = {}, temperature, maxOutputTokens }: GenerationRequest): ChatRequest {
  const offered = describeTools(tools)
  return {
    model: model.id,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...messages],
    ...(offered.length > 0 ? { tools: offered, tool_choice: 'auto' } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { [limitFieldOf(model.provider)]: maxOutputTokens }),
  }
}
