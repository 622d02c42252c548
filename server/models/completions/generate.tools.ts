import { z } from 'zod'
import { AppError } from '#server/platform/core/index.ts'
import type { ToolCallPiece } from '../wires/index.ts'

/** What a model may use. */
export interface Tool {
  /** For the model. */
  description: string
  /** What `execute` takes; the model is told its JSON Schema. */
  input: z.ZodType
  /** @throws AppError when it cannot do what it was asked for: the model is then told the message. */
  execute(input: never): Promise<unknown>
}

/** By the names under which the model calls them. */
export type ToolSet = Record<string, Tool>

/** Makes a tool whose `execute` takes what its schema makes of the model's input. */
export const defineTool = <S extends z.ZodType>(tool: {
  description: string
  input: S
  execute(input: z.output<S>): Promise<unknown>
}): Tool => tool

/** What came of one tool call. `cause` is set when the tool broke in a way nobody expected; it is for the log. */
export interface ToolRun {
  input: unknown
  result: unknown
  cause?: unknown
}

/** Made once: turning schemas into JSON Schema for every conversation would delay each first token. */
const schemas = new WeakMap<z.ZodType, unknown>()

function jsonSchemaOf(input: z.ZodType): unknown {
  const schema = schemas.get(input) ?? z.toJSONSchema(input, { io: 'input' })
  schemas.set(input, schema)
  return schema
}

/** The tools as the model is told of them. */
export const describeTools = (tools: ToolSet) =>
  Object.entries(tools).map(([name, { description, input }]) => ({
    type: 'function' as const,
    function: { name, description, parameters: jsonSchemaOf(input) },
  }))

/** Runs one call. A failure becomes a result `{ error }` that the model can react to; only an abort is thrown. */
export async function runTool(tools: ToolSet, { function: called }: ToolCallPiece, abortSignal: AbortSignal): Promise<ToolRun> {
  const name = called?.name ?? ''
  const input = parseToolInput(called?.arguments ?? '')
  const failed = (error: string, cause?: unknown): ToolRun => ({ input, result: { error }, ...(cause === undefined ? {} : { cause }) })
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
  if (!tool) return failed(`There is no tool named "${name}".`)
  const parsed = tool.input.safeParse(input)
  if (!parsed.success) return failed(`The input of "${name}" does not fit its schema.`)
  try {
    return { input, result: await unlessAborted(tool.execute(parsed.data as never), abortSignal) }
  } catch (error) {
    abortSignal.throwIfAborted()
    return error instanceof AppError ? failed(error.message) : failed(`The tool "${name}" failed.`, error)
  }
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
function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
