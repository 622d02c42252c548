import { textOf } from './chat-answer.rules.ts'
import { isObject, objectsOf, parseJson, type JsonObject } from './json.ts'
import { answerFrom, HELP, historyAnswer, notOffered, UNKNOWN } from './local-commands.answers.ts'
import { readCommand, type Command } from './local-commands.rules.ts'
import type { AnswerPart, ChatRequest, ChatRequestMessage, ChatWire, Delta } from './wire.ts'

/** What the model does in one step: it says something, or it wants a tool. */
type Move = { text: string } | { tool: string; input: string }

/**
 * `local/commands`: a deterministic model for when no provider is configured. It reads commands in
 * plain English, uses the same tools, tool loop and streaming as any other model, and says plainly
 * that it is not a language model. Its token figures are whitespace-separated words of the prompt
 * (texts and results of tools) and of what it answered (the text, or the tool's input as JSON).
 */
export const localWire: ChatWire = async function* ({ request, isStream, signal }) {
  signal.throwIfAborted()
  const move = decide(request)
  yield piece({ role: 'assistant', content: '' })
  if ('text' in move) {
    for (const word of isStream ? (move.text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) : [move.text]) {
      signal.throwIfAborted()
      yield piece({ content: word })
    }
  } else {
    const called = { name: move.tool, arguments: move.input }
    yield piece({ tool_calls: [{ index: 0, id: `local-${request.messages.length}`, type: 'function', function: called }] })
  }
  yield piece({}, 'text' in move ? 'stop' : 'tool_calls')
  yield {
    count: {
      inputTokens: request.messages.reduce((sum, { content }) => sum + countWords(textOf(content)), 0),
      outputTokens: countWords('text' in move ? move.text : move.input),
    },
  }
}

const piece = (delta: Delta, finish_reason: string | null = null): AnswerPart => ({
  head: {},
  choices: [{ index: 0, delta, finish_reason }],
})

function decide({ messages, tools, tool_choice }: ChatRequest): Move {
  const results = resultsOf(messages)
  if (results.length > 0) return { text: results.map(({ tool, output }) => answerFrom(tool, output)).join('\n') }
  const command = readCommand(textOf(messages.findLast(({ role }) => role === 'user')?.content))
  if (command.kind !== 'tool') return { text: answerWithoutTool(command, messages) }
  const isOffered =
    tool_choice !== 'none' && objectsOf(tools).some((tool) => isObject(tool.function) && tool.function.name === command.tool)
  return isOffered ? { tool: command.tool, input: JSON.stringify(command.input) } : { text: notOffered(command.tool) }
}

/** What the tools answered that were called last, if nothing was said since. */
function resultsOf(messages: readonly ChatRequestMessage[]): { tool: string; output: JsonObject }[] {
  const lastOther = messages.findLastIndex(({ role }) => role !== 'tool')
  const calls = objectsOf(messages[lastOther]?.tool_calls)
  return messages.slice(lastOther + 1).map(({ tool_call_id, content }) => {
    const called = calls.find(({ id }) => id === tool_call_id)?.function
    const output = parseJson(textOf(content)) ?? textOf(content)
    return { tool: isObject(called) ? String(called.name) : 'The tool', output: isObject(output) ? output : { value: output } }
  })
}

function answerWithoutTool({ kind }: Exclude<Command, { kind: 'tool' }>, messages: readonly ChatRequestMessage[]): string {
  if (kind === 'help') return HELP
  if (kind === 'history') return historyAnswer(messages.filter(({ role }) => role === 'user' || role === 'assistant').length)
  return UNKNOWN
}

const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0
