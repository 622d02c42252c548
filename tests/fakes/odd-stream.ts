import { gzipSync } from 'node:zlib'
import fc from 'fast-check'

/** A streamed answer as no two providers send it. */
export interface OddStream {
  packets: Buffer[]
  headers: Record<string, string>
  /** What it says, by choice. A call is its id, its name and its arguments. */
  said: { index: number; content: string; reasoning: string; calls: [id: string, name: string, input: string][] }[]
  /** Status of the error it ends with. */
  error: number | undefined
}

type Event = { choice: number; delta: object } | { line: string }

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** Lines that say nothing, and must not keep anybody from hearing the rest. */
const noise = fc.constantFrom(
  ': comment\n\n',
  'data:\n\n',
  'data: \n\n',
  'event: ping\ndata: {}\n\n',
  'event: ping\ndata: ping\n\n',
  'retry: 1000\n\n',
  'id: 7\n\n',
  event({ choices: null, usage: { prompt_tokens: 3, completion_tokens: 2 } }),
  event({ choices: [], usage: {} }),
  event({ choices: [], usage: { prompt_tokens: -1, completion_tokens: 'many' } }),
  event({ choices: [{ index: 0, delta: null }] }),
  event({ choices: [{ index: 0, delta: { role: null } }] }),
  event({ choices: [null] }),
  event({ id: null, created: '1700000000', choices: [{ index: 0, delta: { content: '', tool_calls: null } }] }),
  event({ object: 'chat.completion.chunk', prompt_filter_results: [{ prompt_index: 0 }] }),
  event([]),
  event(null),
)

const finish = (index: number) =>
  fc.constantFrom(
    event({ choices: [{ index, finish_reason: 'stop' }] }),
    event({ choices: [{ index, delta: {}, finish_reason: 'stop', logprobs: null }] }),
    event({ choices: [{ index, delta: { content: null }, finish_reason: 'stop' }], usage: { total_tokens: 9 } }),
  )

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
  fc.constant('\n'),
  fc.constant('é😀'),
)

/** The pieces of one choice, in order, and what they come to. */
const choiceOf = (index: number) =>
  fc
    .record({
      reasoning: fc.array(piece, { maxLength: 3 }),
      content: fc.array(piece, { minLength: 1, maxLength: 6 }),
      asParts: fc.boolean(),
      input: fc.option(fc.array(piece, { minLength: 1, maxLength: 4 }), { nil: undefined }),
      hasIndexes: fc.boolean(),
      doubles: fc.boolean(),
    })
    .map(({ reasoning, content, asParts, input, hasIndexes, doubles }) => {
      const deltas: object[] = [
        ...reasoning.map((text) => ({ reasoning_content: text })),
        ...content.map((text) => ({
          content: asParts ? [{ type: 'text', text }] : text,
          ...(doubles ? { annotations: [], refusal: null } : {}),
        })),
      ]
      const id = `call_${index}`
      const at = hasIndexes ? { index: 0 } : {}
      if (input) {
        deltas.push({ tool_calls: [{ ...at, id, type: 'function', function: { name: 'tie', arguments: '' } }] })
        deltas.push(...input.map((text) => ({ tool_calls: [{ ...at, function: { arguments: text } }] })))
      }
      const calls: [string, string, string][] = input ? [[id, 'tie', input.join('')]] : []
      return { said: { index, content: content.join(''), reasoning: reasoning.join(''), calls }, deltas }
    })

/** Mixes lists without changing the order within any of them. */
function interleave<T>(lists: T[][], picks: number[]): T[] {
  const left = lists.map((list) => [...list])
  const mixed: T[] = []
  for (let at = 0; left.some((list) => list.length > 0); at += 1) {
    const open = left.filter((list) => list.length > 0)
    mixed.push(open[picks[at % picks.length]! % open.length]!.shift()!)
  }
  return mixed
}

/** Cuts bytes into packets at the given places, wherever they fall. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % bytes.length))].filter((end) => end > 0).sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
}

/**
 * Streams with one or two choices, whose pieces are mixed with all that may stand between them: finishing that comes
 * early, several times or never, counts that are none, an error at the end, in the same packet or in the next.
 */
export const oddStream = (): fc.Arbitrary<OddStream> =>
  fc
    .record({
      choices: fc.oneof(fc.tuple(choiceOf(0)), fc.tuple(choiceOf(0), choiceOf(1))),
      noise: fc.array(noise, { maxLength: 6 }),
      finishes: fc.array(finish(0), { maxLength: 2 }),
      picks: fc.array(fc.nat(5), { minLength: 8, maxLength: 8 }),
      ending: fc.constantFrom<['done' | 'finish' | 'error', number?]>(['done'], ['finish'], ['error', 429], ['error', 503], ['error', 500]),
      newline: fc.constantFrom('\n', '\r\n', '\r'),
      bom: fc.boolean(),
      isPacked: fc.boolean(),
      type: fc.constantFrom('text/event-stream', 'text/event-stream; charset=utf-8', 'text/plain', 'application/json', ''),
      lastLine: fc.boolean(),
      places: fc.array(fc.nat(), { maxLength: 12 }),
    })
    .map(({ choices, noise, finishes, picks, ending: [kind, status], newline, bom, isPacked, type, lastLine, places }) => {
      const events: Event[][] = choices.map(({ said, deltas }) => deltas.map((delta) => ({ choice: said.index, delta })))
      const lines: Event[] = [...noise, ...finishes].map((line) => ({ line }))
      const mixed = interleave([...events, lines], picks).map((item) =>
        'line' in item ? item.line : event({ id: 'c', choices: [{ index: item.choice, delta: item.delta, finish_reason: null }] }),
      )
      const endings = {
        done: 'data: [DONE]\n\n',
        finish: event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
        error: event({ error: { message: 'no more', code: status } }),
      }
      const text = [...mixed, endings[kind]].join('')
      const whole = (bom ? '\uFEFF' : '') + (lastLine ? text : text.slice(0, -1)).replaceAll('\n', newline)
      const headers: Record<string, string> = { 'content-type': type, ...(isPacked ? { 'content-encoding': 'gzip' } : {}) }
      const bytes = isPacked ? gzipSync(whole) : Buffer.from(whole)
      return {
        packets: cut(bytes, places),
        headers,
        said: choices.map(({ said }) => said),
        error: kind === 'error' ? status : undefined,
      }
    })
