import { z } from 'zod'
import { cutText } from '#server/platform/core/index.ts'
import { calculate, CannotCalculate, EXPRESSION_LIMIT } from './calculator.ts'
import { defineTool, type ToolSet } from './generate.tools.ts'

/** One agent's key-value memory. `set` may throw an AppError (a limit), whose message the model is then told. */
export interface MemoryStore {
  /** Undefined when there is none. */
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  /** At most `limit` entries, and how many there are. */
  list(limit: number): Promise<{ count: number; entries: Record<string, unknown> }>
  /** Whether there was something to delete. */
  delete(key: string): Promise<boolean>
}

/** One agent's files. `read` may throw an AppError (not a text, too large), whose message the model is then told. */
export interface AgentFileReader {
  /** How many files there are, and the newest `limit` of them. */
  list(limit: number): Promise<{ count: number; files: { name: string; size: number; type: string }[] }>
  /** The text of the newest file of that name; undefined when there is none. */
  read(name: string): Promise<string | undefined>
}

/** Longest value told to a model, in characters of JSON, and how many entries `list_memory` shows. */
const VALUE_LIMIT = 4_000
const LIST_VALUE_LIMIT = 200
const LIST_LIMIT = 50
const FILE_LIMIT = 20_000

const key = z.string().trim().min(1).max(255).describe('Short name, such as "favourite colour".')

const inputs = {
  remember: z.object({ key, value: z.string().max(VALUE_LIMIT) }),
  key: z.object({ key }),
  file: z.object({ name: z.string().min(1).max(128).describe('Name of the file, as list_files says it.') }),
  nothing: z.object({}),
  calculate: z.object({ expression: z.string().trim().min(1).max(EXPRESSION_LIMIT) }),
}

/** What tools an agent can have, by name: those of `agentTools` and of `fileTools`. */
export const toolNames = ['remember', 'recall', 'list_memory', 'forget', 'calculate', 'list_files', 'read_file'] as const

/**
 * The tools every agent has. Results are small JSON objects: `{ key, value }`, `{ key, found, value? }`,
 * `{ count, entries }`, `{ key, forgotten }`, `{ expression, result }`, or `{ error }`.
 */
export const agentTools = (store: MemoryStore): ToolSet => ({
  remember: defineTool({
    description: 'Stores a value under a key in your long-term memory, replacing what was there.',
    input: inputs.remember,
    execute: async ({ key, value }) => {
      await store.set(key, value)
      return { key, value: shorten(value, LIST_VALUE_LIMIT) }
    },
  }),
  recall: defineTool({
    description: 'Reads the value of a key from your long-term memory.',
    input: inputs.key,
    execute: async ({ key }) => {
      const value = await store.get(key)
      return value === undefined ? { key, found: false } : { key, found: true, value: shorten(value, VALUE_LIMIT) }
    },
  }),
  list_memory: defineTool({
    description: `Lists what is in your long-term memory, at most ${LIST_LIMIT} entries.`,
    input: inputs.nothing,
    execute: async () => {
      const { count, entries } = await store.list(LIST_LIMIT)
      const shown = Object.entries(entries).map(([key, value]) => [key, shorten(value, LIST_VALUE_LIMIT)])
      return { count, entries: Object.fromEntries(shown) as Record<string, unknown> }
    },
  }),
  forget: defineTool({
    description: 'Deletes a key from your long-term memory.',
    input: inputs.key,
    execute: async ({ key }) => ({ key, forgotten: await store.delete(key) }),
  }),
  calculate: defineTool({
    description: 'Calculates an arithmetic expression, such as "2 * (3 + 4)" or "sqrt(2) ^ 3".',
    input: inputs.calculate,
    execute: async ({ expression }) => {
      try {
        return { expression, result: await calculate(expression) }
      } catch (error) {
        if (error instanceof CannotCalculate) return { expression, error: error.message }
        throw error
      }
    },
  }),
})

/**
 * What an agent has that has files: `{ count, files }`, `{ name, found, content? }`.
 */
export const fileTools = (reader: AgentFileReader): ToolSet => ({
  list_files: defineTool({
    description: `Lists the files people gave you, newest first, at most ${LIST_LIMIT}.`,
    input: inputs.nothing,
    execute: () => reader.list(LIST_LIMIT),
  }),
  read_file: defineTool({
    description: `Reads one of your text files, at most its first ${FILE_LIMIT} characters.`,
    input: inputs.file,
    execute: async ({ name }) => {
      const content = await reader.read(name)
      return content === undefined ? { name, found: false } : { name, found: true, content: shorten(content, FILE_LIMIT) }
    },
  }),
})

/** The value itself, or the beginning of its JSON when that is longer than `limit` characters. */
function shorten(value: unknown, limit: number): unknown {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value))
  return text.length <= limit ? value : `${cutText(text, limit)}… (shortened, ${text.length} characters)`
}
