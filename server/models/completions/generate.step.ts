import { lengthOf } from './answer-length.rules.ts'
import { estimateTokens } from './cost.rules.ts'
import { randomSuffix } from '#server/platform/core/index.ts'
import {
  AnswerCollector,
  type AnswerPart,
  type ChatRequestMessage,
  type Delta,
  type TokenCount,
  type ToolCallPiece,
} from '../wires/index.ts'

/** What a model adds to its answer: what it says, what it thinks, and what it is about to call a tool with. */
export type StepEvent =
  | { type: 'delta'; text: string }
  | { type: 'reasoning'; text: string }
  /** `id` is of the call; pieces of its input, which is JSON once they are together. */
  | { type: 'tool-input'; id: string; name: string; text: string }

/** One model call: what goes back into the prompt for the next one, and what it cost. */
export interface Step {
  text: string
  /** The model's own message. */
  message: ChatRequestMessage
  toolCalls: ToolCallPiece[]
  finishReason: string | null
  count: TokenCount
  /** A budget ended it; what the provider did not get to count is estimated. */
  isCut: boolean
  latencyMs: number
  firstTokenMs: number | null
}

const NOT_COUNTED: TokenCount = { inputTokens: null, outputTokens: null }

/**
 * Reads one answer of a model and yields what it says as it arrives.
 *
 * @param mayGoOn Whether the answer may have so many tokens; one that may not ends as if its limit of tokens were reached.
 * @throws what wires throw.
 */
export async function* streamStep(
  answer: AsyncGenerator<AnswerPart>,
  mayGoOn: (tokens: number) => boolean = () => true,
): AsyncGenerator<StepEvent, Step> {
  const startedAt = performance.now()
  let firstTokenMs: number | null = null
  let text = ''
  let answered = 0
  let largest = 0
  let isCut = false
  const collector = new AnswerCollector()
  const names = new CallNames()
  for await (const part of answer) {
    collector.add(part)
    if ('count' in part) continue
    // One answer was asked for.
    for (const { delta } of part.choices.filter(({ index }) => index === 0)) {
      for (const event of eventsOf(delta, names)) {
        if (event.type === 'delta') {
          firstTokenMs ??= performance.now() - startedAt
          text += event.text
        }
        yield event
      }
    }
    const added = part.choices.reduce((sum, { delta }) => sum + lengthOf(delta), 0)
    answered += added
    largest = Math.max(largest, added)
    // Not even one more piece is listened to.
    if (mayGoOn(estimateTokens(answered + largest))) continue
    isCut = true
    break
  }
  const { choices, count = NOT_COUNTED } = collector.answer
  const [choice] = choices
  const toolCalls = (choice?.message.tool_calls ?? []).map((piece) => ({ ...piece, id: names.of(piece).id }))
  return {
    text,
    message: messageOf(choice?.message ?? {}, toolCalls),
    toolCalls,
    finishReason: isCut ? 'length' : (choice?.finish_reason ?? null),
    count: isCut ? { inputTokens: count.inputTokens, outputTokens: count.outputTokens ?? estimateTokens(answered) } : count,
    isCut,
    latencyMs: performance.now() - startedAt,
    firstTokenMs,
  }
}

function* eventsOf(delta: Delta, names: CallNames): Generator<StepEvent> {
  const { content, tool_calls } = delta
  const reasoning = delta.reasoning_content ?? delta.reasoning
  if (typeof reasoning === 'string' && reasoning !== '') yield { type: 'reasoning', text: reasoning }
  if (typeof content === 'string' && content !== '') yield { type: 'delta', text: content }
  // A model that refuses says so in a field of its own. It is what it said.
  if (typeof delta.refusal === 'string' && delta.refusal !== '') yield { type: 'delta', text: delta.refusal }
  for (const piece of tool_calls ?? []) yield { type: 'tool-input', ...names.of(piece), text: piece.function?.arguments ?? '' }
}

/** Names the calls of one answer, also where the model gives them no ids. */
class CallNames {
  readonly #calls = new Map<number, { id: string; name: string }>()

  of({ index, id, function: called }: ToolCallPiece): { id: string; name: string } {
    const known = this.#calls.get(index)
    const call = { id: known?.id ?? (id || `call_${randomSuffix(16)}`), name: known?.name || (called?.name ?? '') }
    this.#calls.set(index, call)
    return call
  }
}

/**
 * The model's message as it is sent back with the results of its tools: whole, as some models refuse a result whose
 * reasoning is missing. Arguments that are no object would be refused; that the model wrote something else it learns from
 * the result.
 */
function messageOf({ content, reasoning_content, reasoning_details }: Delta, toolCalls: ToolCallPiece[]): ChatRequestMessage {
  const calls = toolCalls.map(({ index: _index, ...call }) => ({
    type: 'function',
    ...call,
    function: { ...call.function, arguments: isObjectText(call.function?.arguments) ? call.function?.arguments : '{}' },
  }))
  return {
    role: 'assistant',
    content: content || null,
    ...(reasoning_content === undefined ? {} : { reasoning_content }),
    ...(reasoning_details === undefined ? {} : { reasoning_details }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function isObjectText(text: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
