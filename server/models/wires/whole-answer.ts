import { isObject, type JsonObject } from './json.ts'
import { laterCount } from './usage.rules.ts'
import type { AnswerHead, AnswerPart, Delta, TokenCount } from './wire.ts'

/** What one choice said, all pieces together. */
export interface WholeChoice {
  index: number
  message: Delta
  finish_reason: string | null
  [field: string]: unknown
}

/** An answer in one piece. */
export interface WholeAnswer {
  head: AnswerHead
  /** In the order of their numbers. */
  choices: WholeChoice[]
  /** Undefined when the provider did not say. */
  count: TokenCount | undefined
}

/** Puts an answer together from its pieces, as they come. */
export class AnswerCollector {
  #head: AnswerHead = {}
  readonly #choices = new Map<number, WholeChoice>()
  #count: TokenCount | undefined

  add(part: AnswerPart): void {
    if ('count' in part) {
      this.#count = laterCount(this.#count, part.count)
      return
    }
    this.#head = { ...part.head, ...this.#head }
    for (const { index, delta, finish_reason, ...rest } of part.choices) {
      const choice = this.#choices.get(index) ?? { index, message: {}, finish_reason: null }
      this.#choices.set(index, choice)
      choice.finish_reason = finish_reason ?? choice.finish_reason
      extend(choice, rest)
      extendMessage(choice.message, delta)
    }
  }

  get answer(): WholeAnswer {
    return { head: this.#head, choices: [...this.#choices.values()].sort((a, b) => a.index - b.index), count: this.#count }
  }
}

/** What stays what it is, however often it is said. */
const constants = new Set(['role', 'id', 'type', 'name', 'index', 'format', 'signature'])

/** Texts and lists grow; the pieces of a call are brought together; anything else is what was said last. */
function extendMessage(message: Delta, { tool_calls, ...delta }: Delta): void {
  extend(message, delta)
  if (!tool_calls) return
  const calls = (message.tool_calls ??= [])
  for (const piece of tool_calls) {
    let call = calls.find(({ index }) => index === piece.index)
    if (!call) calls.push((call = { index: piece.index }))
    extend(call, piece)
  }
}

function extend(target: JsonObject, piece: JsonObject): void {
  for (const [name, value] of Object.entries(piece)) {
    if (name === '__proto__') continue
    const before = target[name]
    // Copied, because what is kept grows and what came belongs to whoever passes it on.
    if (before === null || before === undefined) target[name] = ownCopy(value)
    else if (value === null || value === undefined) continue
    else if (constants.has(name)) target[name] = value === '' ? before : value
    else if (typeof before === 'string' && typeof value === 'string') target[name] = before + value
    else if (Array.isArray(before) && Array.isArray(value)) for (const item of value) before.push(item)
    else if (isObject(before) && isObject(value)) extend(before, value)
    else target[name] = value
  }
}

function ownCopy(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])]
  if (!isObject(value)) return value
  const copy: JsonObject = {}
  extend(copy, value)
  return copy
}
