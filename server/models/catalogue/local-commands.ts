import type { CallOptions, GenerateResult, ModelObject, ModelUsage, Prompt, StreamPart, StreamResult } from './language-model.ts'
import { answerFrom, HELP, historyAnswer, notOffered, UNKNOWN } from './local-commands.answers.ts'
import { readCommand } from './local-commands.rules.ts'
import type { Command } from './local-commands.rules.ts'

export const LOCAL_COMMANDS = 'local/commands'

/** What the model does in one step: it says something, or it wants a tool. */
type Move = { text: string } | { tool: string; input: string; toolCallId: string }

/**
 * `local/commands`: a deterministic model for when no provider is configured. It reads commands in
 * plain English, uses the same tools, tool loop and streaming as any other model, and says plainly
 * that it is not a language model. Its token figures are whitespace-separated words of the prompt
 * (texts and tool results) and of what it answered (the text, or the tool's input as JSON).
 */
export const createLocalCommands = (): ModelObject => ({
  specificationVersion: 'v4',
  provider: 'local',
  modelId: LOCAL_COMMANDS,
  supportedUrls: {},
  doGenerate: async (options) => generateAtOnce(options),
  doStream: async (options) => streamWords(options),
})

function generateAtOnce(options: CallOptions): GenerateResult {
  options.abortSignal?.throwIfAborted()
  const move = decide(options)
  return {
    content: ['text' in move ? { type: 'text', text: move.text } : toolCallPart(move)],
    finishReason: finishReason(move),
    usage: countUsage(options.prompt, move),
    warnings: [],
  }
}

function streamWords(options: CallOptions): StreamResult {
  const { abortSignal } = options
  abortSignal?.throwIfAborted()
  const parts = partsOf(decide(options), options.prompt)
  const stream = new ReadableStream<StreamPart>(
    {
      pull(controller) {
        if (abortSignal?.aborted) return controller.error(abortSignal.reason)
        const { value, done } = parts.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    },
    // Without this a word would be taken from the list, and so be past aborting, before it is asked for.
    { highWaterMark: 0 },
  )
  return { stream }
}

function* partsOf(move: Move, prompt: Prompt): Generator<StreamPart, undefined> {
  yield { type: 'stream-start', warnings: [] }
  if ('text' in move) {
    yield { type: 'text-start', id: '0' }
    for (const word of move.text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) yield { type: 'text-delta', id: '0', delta: word }
    yield { type: 'text-end', id: '0' }
  } else {
    yield toolCallPart(move)
  }
  yield { type: 'finish', finishReason: finishReason(move), usage: countUsage(prompt, move) }
}

function decide({ prompt, tools, toolChoice }: CallOptions): Move {
  const last = prompt.at(-1)
  if (last?.role === 'tool') {
    const results = last.content.filter((part) => part.type === 'tool-result')
    return { text: results.map((part) => answerFrom(part.toolName, part.output)).join('\n') }
  }
  const command = readCommand(lastUserText(prompt))
  if (command.kind !== 'tool') return { text: answerWithoutTool(command, prompt) }
  const isOffered = toolChoice?.type !== 'none' && tools?.some((tool) => tool.name === command.tool)
  if (!isOffered) return { text: notOffered(command.tool) }
  return { tool: command.tool, input: JSON.stringify(command.input), toolCallId: `local-${prompt.length}` }
}

function answerWithoutTool({ kind }: Exclude<Command, { kind: 'tool' }>, prompt: Prompt): string {
  if (kind === 'help') return HELP
  if (kind === 'history') return historyAnswer(prompt.filter(({ role }) => role === 'user' || role === 'assistant').length)
  return UNKNOWN
}

function lastUserText(prompt: Prompt): string {
  const message = prompt.findLast(({ role }) => role === 'user')
  return message?.role === 'user' ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ') : ''
}

const toolCallPart = ({ tool, input, toolCallId }: Extract<Move, { tool: string }>) =>
  ({ type: 'tool-call', toolCallId, toolName: tool, input }) as const

const finishReason = (move: Move) =>
  'text' in move ? ({ unified: 'stop', raw: 'stop' } as const) : ({ unified: 'tool-calls', raw: 'tool_calls' } as const)

function countUsage(prompt: Prompt, move: Move): ModelUsage {
  const input = prompt.reduce((sum, message) => sum + countWords(textOf(message)), 0)
  const output = countWords('text' in move ? move.text : move.input)
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  }
}

function textOf({ content }: Prompt[number]): string {
  if (typeof content === 'string') return content
  return content
    .map((part) => (part.type === 'text' ? part.text : part.type === 'tool-result' ? JSON.stringify(part.output) : ''))
    .join(' ')
}

const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0
