import { isObject, objectsOf, textOrNone, wholeNumber, type JsonObject } from './json.ts'
import type { AnswerPart, ChoicePiece, Delta, TokenCount } from './wire.ts'

// Answers of Anthropic's Messages API, in the form of the OpenAI API.

/** Why an answer ended, in the words of the OpenAI API. A word nobody knows yet is told as it is. */
const finishWords: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

const finishWord = (reason: unknown): string | null => {
  const word = textOrNone(reason)
  return word === undefined ? null : (finishWords[word] ?? word)
}

/** Input is counted there without what was read from a cache or written to one; here with it. */
function readCount(usage: unknown): TokenCount | undefined {
  if (!isObject(usage)) return undefined
  const input = wholeNumber(usage.input_tokens)
  const outputTokens = wholeNumber(usage.output_tokens)
  const cacheReadTokens = wholeNumber(usage.cache_read_input_tokens) ?? 0
  const cacheWriteTokens = wholeNumber(usage.cache_creation_input_tokens) ?? 0
  if (input === null && outputTokens === null) return undefined
  const isCached = cacheReadTokens + cacheWriteTokens > 0
  return {
    inputTokens: input === null ? null : input + cacheReadTokens + cacheWriteTokens,
    outputTokens,
    ...(isCached
      ? {
          cacheReadTokens,
          cacheWriteTokens,
          details: { prompt_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens } },
        }
      : {}),
  }
}

const countPart = (usage: unknown): AnswerPart[] => {
  const count = readCount(usage)
  return count ? [{ count }] : []
}

/** A whole answer. */
export function wholeMessage(answer: JsonObject): { choice: ChoicePiece; id: string | undefined; counts: AnswerPart[] } | undefined {
  if (!Array.isArray(answer.content)) return undefined
  const blocks = objectsOf(answer.content)
  const textsOf = (type: string, field: string) =>
    blocks.map((block) => (block.type === type ? (textOrNone(block[field]) ?? '') : '')).join('')
  const [content, thinking] = [textsOf('text', 'text'), textsOf('thinking', 'thinking')]
  const calls = blocks
    .filter(({ type }) => type === 'tool_use')
    .map((block, index) => ({ index, ...callOf(block, JSON.stringify(block.input ?? {})) }))
  const delta: Delta = {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    ...(thinking === '' ? {} : { reasoning_content: thinking }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
  return {
    choice: { index: 0, delta, finish_reason: finishWord(answer.stop_reason) },
    id: textOrNone(answer.id),
    counts: countPart(answer.usage),
  }
}

const callOf = ({ id, name }: JsonObject, input: string) => ({
  id: textOrNone(id) ?? '',
  type: 'function',
  function: { name: textOrNone(name) ?? '', arguments: input },
})

/** Reads the events of one streamed answer. What it does not know, it skips. */
export class MessageReader {
  #id: string | undefined
  #calls = 0
  /** The number of the call, by the number of its block. */
  readonly #callOfBlock = new Map<unknown, number>()
  isFinished = false
  isDone = false

  read(event: JsonObject): AnswerPart[] {
    switch (event.type) {
      case 'message_start': {
        const message = isObject(event.message) ? event.message : {}
        this.#id = textOrNone(message.id)
        return [this.#piece({ role: 'assistant', content: '' }), ...countPart(message.usage)]
      }
      case 'content_block_start':
        return this.#startBlock(event)
      case 'content_block_delta':
        return this.#extendBlock(event)
      case 'message_delta': {
        const finish = finishWord(isObject(event.delta) ? event.delta.stop_reason : undefined)
        this.isFinished ||= finish !== null
        return [...(finish === null ? [] : [this.#piece({}, finish)]), ...countPart(event.usage)]
      }
      case 'message_stop':
        this.isDone = true
        return []
      default:
        return []
    }
  }

  #startBlock({ index, content_block: block }: JsonObject): AnswerPart[] {
    if (!isObject(block)) return []
    if (block.type === 'text' && textOrNone(block.text)) return [this.#piece({ content: block.text as string })]
    if (block.type === 'thinking' && textOrNone(block.thinking)) return [this.#piece({ reasoning_content: block.thinking })]
    if (block.type !== 'tool_use') return []
    const number = this.#calls++
    this.#callOfBlock.set(index, number)
    // The input comes in pieces; some who copy the API send it at once.
    const input = isObject(block.input) && Object.keys(block.input).length > 0 ? JSON.stringify(block.input) : ''
    return [this.#piece({ tool_calls: [{ index: number, ...callOf(block, input) }] })]
  }

  #extendBlock({ index, delta }: JsonObject): AnswerPart[] {
    if (!isObject(delta)) return []
    if (textOrNone(delta.text)) return [this.#piece({ content: delta.text as string })]
    if (textOrNone(delta.thinking)) return [this.#piece({ reasoning_content: delta.thinking })]
    const call = this.#callOfBlock.get(index)
    if (call === undefined || !textOrNone(delta.partial_json)) return []
    return [this.#piece({ tool_calls: [{ index: call, function: { arguments: delta.partial_json as string } }] })]
  }

  #piece(delta: Delta, finish_reason: string | null = null): AnswerPart {
    return { head: this.#id === undefined ? {} : { id: this.#id }, choices: [{ index: 0, delta, finish_reason }] }
  }
}
