import { asSchema } from 'ai'
import type { ToolSet } from 'ai'
import { AppError } from '#server/platform/core/index.ts'
import type { OfferedTool, ToolCall, ToolOutput } from '../catalogue/index.ts'

/** What came of one tool call. `cause` is set when the tool broke in a way nobody expected; it is for the log. */
export interface ToolRun {
  input: unknown
  result: unknown
  isError: boolean
  cause?: unknown
}

/** The tools as the model is told of them. */
export const describeTools = (tools: ToolSet): Promise<OfferedTool[]> =>
  Promise.all(
    Object.entries(tools).map(async ([name, { description, inputSchema }]) => ({
      type: 'function' as const,
      name,
      description: typeof description === 'string' ? description : undefined,
      inputSchema: await asSchema(inputSchema).jsonSchema,
    })),
  )

/** Runs one call. A failure becomes a result `{ error }` that the model can react to; only an abort is thrown. */
export async function runTool(tools: ToolSet, { toolName, toolCallId, input: text }: ToolCall, abortSignal: AbortSignal): Promise<ToolRun> {
  const input = parseToolInput(text)
  const failed = (error: string, cause?: unknown): ToolRun => ({ input, result: { error }, isError: true, cause })
  const tool = Object.hasOwn(tools, toolName) ? tools[toolName] : undefined
  if (!tool?.execute) return failed(`There is no tool named "${toolName}".`)
  const parsed = await asSchema(tool.inputSchema).validate?.(input)
  if (!parsed?.success) return failed(`The input of "${toolName}" does not fit its schema.`)
  try {
    const context = { toolCallId, messages: [], abortSignal, context: undefined }
    const result: unknown = await unlessAborted(tool.execute(parsed.value, context), abortSignal)
    return { input, result, isError: isErrorResult(result) }
  } catch (error) {
    abortSignal.throwIfAborted()
    return error instanceof AppError ? failed(error.message) : failed(`The tool "${toolName}" failed.`, error)
  }
}

/** The result as the provider packages want it. */
export const toToolOutput = ({ result, isError }: ToolRun): ToolOutput => {
  const value = JSON.parse(JSON.stringify(result ?? null)) as Extract<ToolOutput, { type: 'json' }>['value']
  return { type: isError ? 'error-json' : 'json', value }
}

/** The arguments a model wrote; the text itself when it is not JSON. */
export function parseToolInput(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Whether a tool said that it could not do what it was asked for. */
export const isErrorResult = (result: unknown) => typeof result === 'object' && result !== null && 'error' in result

/** A tool need not look at the signal; the answer must not wait for it. */
function unlessAborted(work: unknown, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
