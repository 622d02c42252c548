import type { ToolSet } from 'ai'
import { withholdFromLog } from '#server/platform/core/index.ts'
import {
  MAX_TEXT_CHARACTERS,
  type CallOptions,
  type ModelUsage,
  type PromptMessage,
  type ToolResultPart,
  ModelFailed,
  type ResolvedModel,
} from '../catalogue/index.ts'
import { explainEmpty, readFailure, UnusableAnswer } from './generate.failure.ts'
import { streamStep } from './generate.step.ts'
import { describeTools, runTool, toToolOutput } from './generate.tools.ts'

export interface GenerationRequest {
  model: ResolvedModel
  system?: string
  messages: { role: 'user' | 'assistant'; content: string }[]
  /** Tools whose `execute` returns a value or a promise; streams of results are not supported. */
  tools?: ToolSet
  temperature?: number
  maxOutputTokens?: number
  /** Aborting it stops the provider's call. */
  signal: AbortSignal
  /** Longest the whole answer may take, tools included. */
  timeoutMs: number
  /** Most model calls for one answer; 8 by default. */
  maxSteps?: number
}

/** Null where the provider does not say. */
export interface TokenUsage {
  inputTokens: number | null
  outputTokens: number | null
  totalTokens: number | null
}

export type GenerationEvent =
  | { type: 'delta'; text: string }
  /** It took `ms`. `cause` is set when the tool broke unexpectedly; it belongs into the log, not into an answer. */
  | { type: 'tool'; name: string; input: unknown; result: unknown; ms: number; cause?: unknown }
  /** One finished model call. `latencyMs` is to its end, `firstTokenMs` to its first text, null when it had none. */
  | { type: 'call'; usage: TokenUsage; latencyMs: number; firstTokenMs: number | null }
  /** The last event: the text of all steps, and why the model stopped (`stop`, `length`, `tool-calls`, …). */
  | { type: 'finish'; text: string; finishReason: string }

const DEFAULT_MAX_STEPS = 8
const ANTHROPIC_MAX_OUTPUT_TOKENS = 4096

/**
 * Lets a model answer, running the tools it asks for, and yields what happens as it happens.
 * Leaving the loop early stops the provider's call.
 *
 * @throws ModelFailed when the provider fails, is silent until the time-out, or answers nothing.
 * @throws the signal's reason when `signal` aborts.
 */
export async function* generate(request: GenerationRequest): AsyncGenerator<GenerationEvent> {
  const { model, signal, timeoutMs } = request
  signal.throwIfAborted()
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  let isTimedOut = false
  const timer = setTimeout(() => {
    isTimedOut = true
    controller.abort(new DOMException('The model took too long.', 'TimeoutError'))
  }, timeoutMs)

  let text = ''
  try {
    for await (const event of runSteps(request, controller.signal)) {
      if (event.type === 'delta') text += event.text
      if (text.length > MAX_TEXT_CHARACTERS) throw new UnusableAnswer('sent an answer that is too large')
      yield event
    }
  } catch (error) {
    signal.throwIfAborted()
    withholdFromLog(error, model.apiKey)
    const problem = `did not finish within ${timeoutMs / 1000} s`
    throw new ModelFailed(model.id, isTimedOut ? { code: 'MODEL_TIMEOUT', problem, cause: error } : readFailure(error), text)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    // For a caller that left the loop early.
    controller.abort()
  }
}

async function* runSteps(request: GenerationRequest, abortSignal: AbortSignal): AsyncGenerator<GenerationEvent> {
  const { model, tools = {}, maxSteps = DEFAULT_MAX_STEPS } = request
  const options = await callOptions(request, abortSignal)
  let text = ''
  let finishReason = ''
  for (let count = 0; count < maxSteps; count += 1) {
    const step = yield* streamStep(model.model, options)
    const { latencyMs, firstTokenMs } = step
    yield { type: 'call', usage: readUsage(step.usage), latencyMs, firstTokenMs }
    text += step.text
    finishReason = step.finishReason
    if (step.toolCalls.length === 0) break

    const results: ToolResultPart[] = []
    for (const call of step.toolCalls) {
      const began = performance.now()
      const run = await runTool(tools, call, abortSignal)
      yield {
        type: 'tool',
        name: call.toolName,
        input: run.input,
        result: run.result,
        ms: performance.now() - began,
        ...(run.cause !== undefined && { cause: run.cause }),
      }
      results.push({ type: 'tool-result', toolCallId: call.toolCallId, toolName: call.toolName, output: toToolOutput(run) })
    }
    options.prompt = [...options.prompt, { role: 'assistant', content: step.content }, { role: 'tool', content: results }]
  }
  if (text.trim() === '') throw new UnusableAnswer(explainEmpty(finishReason))
  yield { type: 'finish', text, finishReason }
}

async function callOptions(
  { model, system, messages, tools = {}, ...request }: GenerationRequest,
  abortSignal: AbortSignal,
): Promise<CallOptions> {
  const conversation = messages.map(({ role, content }): PromptMessage => ({ role, content: [{ type: 'text', text: content }] }))
  const offered = Object.keys(tools).length > 0 ? { tools: await describeTools(tools), toolChoice: { type: 'auto' as const } } : undefined
  return {
    prompt: system ? [{ role: 'system', content: system }, ...conversation] : conversation,
    ...offered,
    temperature: request.temperature,
    // Anthropic's API demands a limit, and its package knows one only for the models it knows.
    maxOutputTokens: request.maxOutputTokens ?? (model.provider === 'anthropic' ? ANTHROPIC_MAX_OUTPUT_TOKENS : undefined),
    abortSignal,
  }
}

function readUsage(usage: ModelUsage): TokenUsage {
  const inputTokens = usage.inputTokens.total ?? null
  const outputTokens = usage.outputTokens.total ?? null
  return { inputTokens, outputTokens, totalTokens: inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens }
}
