import { isObject, objectsOf, textOrNone, wholeNumber, type JsonObject } from './json.ts'
import type { AnswerHead, ChoicePiece, Delta, ToolCallPiece } from './wire.ts'

// Answers in the form of the OpenAI API, as those send them who almost speak it. What was said is kept, whatever stands
// beside it; what only accounts for it is put right where that is possible and left out where it is not.

/** OpenAI takes at most 128 choices; of a list that is longer no more is looked at. */
const MAX_CHOICES = 128

/** What comes beside the choices of an answer, or of a piece of one. */
export function headOf({
  id,
  created,
  object: _object,
  model: _model,
  choices: _choices,
  usage: _usage,
  error: _error,
  ...rest
}: JsonObject): AnswerHead {
  const createdAt = wholeNumber(typeof created === 'number' ? Math.trunc(created) : created)
  const named = textOrNone(id)
  return { ...rest, ...(named === undefined ? {} : { id: named }), ...(createdAt ? { created: createdAt } : {}) }
}

/** The choices of a whole answer, each as one piece. */
export function wholeChoices({ choices }: JsonObject): ChoicePiece[] {
  const pieces = objectsOf(choices)
    .slice(0, MAX_CHOICES)
    .map((choice, position) => toPiece(choice, position, (calls) => calls.map((call, index) => ({ ...call, index }))))
  const areNumbered = new Set(pieces.map(({ index }) => index)).size === pieces.length
  return areNumbered ? pieces : pieces.map((piece, index) => ({ ...piece, index }))
}

/** Reads the pieces of one answer: which call of a tool a piece belongs to depends on those before it. */
export class ChoiceReader {
  readonly #calls = new Map<number, CallNumbers>()

  read({ choices }: JsonObject): ChoicePiece[] {
    return objectsOf(choices)
      .slice(0, MAX_CHOICES)
      .map((choice, position) => toPiece(choice, position, (calls, index) => calls.map((call) => this.#numbersOf(index).number(call))))
  }

  #numbersOf(choice: number): CallNumbers {
    const numbers = this.#calls.get(choice) ?? new CallNumbers()
    this.#calls.set(choice, numbers)
    return numbers
  }
}

/** Numbers the calls of a choice where the provider does not: a new id begins a new call, what has none goes on with the last. */
class CallNumbers {
  readonly #ids = new Map<string, number>()
  #last = -1

  number(call: JsonObject): ToolCallPiece {
    const id = textOrNone(call.id)
    const index = wholeNumber(call.index) ?? (id === undefined ? Math.max(this.#last, 0) : (this.#ids.get(id) ?? this.#last + 1))
    if (id !== undefined) this.#ids.set(id, index)
    this.#last = Math.max(this.#last, index)
    return { ...call, index }
  }
}

type NumberCalls = (calls: JsonObject[], choice: number) => ToolCallPiece[]

function toPiece({ index, delta, message, text, finish_reason, ...rest }: JsonObject, position: number, number: NumberCalls): ChoicePiece {
  const at = wholeNumber(index) ?? position
  const said = isObject(delta) ? delta : isObject(message) ? message : text === undefined ? {} : { content: text }
  return { ...rest, index: at, delta: toDelta(said, at, number), finish_reason: textOrNone(finish_reason) ?? null }
}

function toDelta({ role, content, tool_calls, ...rest }: JsonObject, choice: number, number: NumberCalls): Delta {
  const calls = objectsOf(tool_calls).map(withTextArguments)
  return {
    ...(textOrNone(role) === undefined ? {} : { role }),
    ...(content === undefined ? {} : readContent(content)),
    ...rest,
    ...(calls.length > 0 ? { tool_calls: number(calls, choice) } : {}),
  }
}

/** Content as parts becomes the text it is; thinking among it goes where other providers put it, and all else is kept as it came. */
function readContent(content: unknown): Delta {
  if (typeof content === 'string' || content === null) return { content }
  const parts: JsonObject[] = Array.isArray(content)
    ? content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : Object(part)))
    : [Object(content)]
  const isThinking = ({ type }: JsonObject) => type === 'thinking' || type === 'reasoning'
  const reasoning = parts
    .filter(isThinking)
    .map(({ thinking, text }) => textOf(thinking ?? text))
    .join('')
  const others = parts.filter((part) => !isThinking(part) && typeof part.text !== 'string')
  return {
    content: parts.map((part) => (isThinking(part) ? '' : (textOrNone(part.text) ?? ''))).join(''),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(others.length === 0 ? {} : { content_parts: others }),
  }
}

/** A text, or the texts of a list of parts. */
export const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content.map((part) => (typeof part === 'string' ? part : isObject(part) ? (textOrNone(part.text) ?? '') : '')).join('')
      : ''

/** Some send the arguments as the object they stand for. */
function withTextArguments(call: JsonObject): JsonObject {
  const called = call.function
  if (!isObject(called) || typeof called.arguments === 'string' || called.arguments === undefined) return call
  return { ...call, function: { ...called, arguments: called.arguments === null ? '' : JSON.stringify(called.arguments) } }
}

/** Whether a piece says anything: who speaks is no news, what it thinks is, under whichever name. */
export const saysSomething = ({ role: _role, ...said }: Delta): boolean =>
  Object.values(said).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
