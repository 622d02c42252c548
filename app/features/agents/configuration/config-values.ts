import { z } from 'zod'
import { readJson } from '../../../ui/json.ts'
import { AgentConfig, CreateAgent, type AgentConfigChange } from '../../../../server/agents/definitions/agents.contract.ts'

/** The tools of this version; `tools` in a configuration names the allowed ones of them. */
export const TOOLS = [
  { name: 'remember', about: 'store a fact' },
  { name: 'recall', about: 'look one up' },
  { name: 'list_memory', about: 'see all facts' },
  { name: 'forget', about: 'remove one' },
  { name: 'calculate', about: 'do sums exactly' },
] as const

const number = (schema: z.ZodType<number>, problem: string) =>
  z
    .string()
    .trim()
    .refine((text) => text === '' || schema.safeParse(Number(text)).success, problem)

/** The form's own view: numbers as they are typed, empty for "as by default". */
export const ConfigValues = z.object({
  name: CreateAgent.shape.name,
  instructions: z.string().max(100_000),
  model: z.string().trim().min(1, 'expected the id of a model').max(200),
  fallbacks: z
    .string()
    .refine((text) => AgentConfig.shape.fallbacks.safeParse(linesOf(text)).success, 'expected at most 10 models, one per line'),
  temperature: number(z.number().min(0).max(2), 'expected a number from 0 to 2'),
  maxTokens: number(z.int().min(1), 'expected a whole number above 0'),
  memoryLimit: number(z.int().min(0).max(500), 'expected a whole number from 0 to 500'),
  memoryEnabled: z.boolean(),
  tools: z.array(z.string()),
})
export type ConfigValues = z.infer<typeof ConfigValues>

export function toValues(config: AgentConfig, agent: { name: string; model: string | null }): ConfigValues {
  return {
    name: config.name ?? agent.name,
    instructions: config.instructions ?? '',
    model: config.model ?? agent.model ?? '',
    fallbacks: (config.fallbacks ?? []).join('\n'),
    temperature: config.temperature?.toString() ?? '',
    maxTokens: config.maxTokens?.toString() ?? '',
    memoryLimit: config.memoryLimit?.toString() ?? '',
    memoryEnabled: config.memoryEnabled ?? true,
    tools: config.tools ?? TOOLS.map(({ name }) => name),
  }
}

/** The change that makes a configuration say what the form says, for the fields named. Null goes back to the default. */
export function toChange(values: ConfigValues, changed: readonly string[]): AgentConfigChange {
  const all: AgentConfigChange = {
    name: values.name,
    instructions: values.instructions || null,
    model: values.model,
    fallbacks: emptyToNull(linesOf(values.fallbacks)),
    temperature: numberOrNull(values.temperature),
    maxTokens: numberOrNull(values.maxTokens),
    memoryLimit: numberOrNull(values.memoryLimit),
    memoryEnabled: values.memoryEnabled ? null : false,
    tools: TOOLS.every(({ name }) => values.tools.includes(name)) ? null : values.tools,
  }
  return Object.fromEntries(Object.entries(all).filter(([key]) => changed.includes(key)))
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

const emptyToNull = (list: string[]): string[] | null => (list.length > 0 ? list : null)
const numberOrNull = (text: string): number | null => (text === '' ? null : Number(text))

const KNOWN = new Set(Object.keys(ConfigValues.shape))

/** The keys of a configuration that have no field in the form. */
export const otherKeysOf = (config: AgentConfig): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !KNOWN.has(key)))

/** The change that replaces those keys: what is no longer there is removed. */
export const changeOfOtherKeys = (before: Record<string, unknown>, after: Record<string, unknown>): AgentConfigChange => ({
  ...Object.fromEntries(Object.keys(before).map((key) => [key, null])),
  ...after,
})

export const OtherKeys = z.object({
  json: z.string().superRefine((text, check) => {
    const keys = readObject(text)
    if (!keys) return check.addIssue({ code: 'custom', message: 'expected a JSON object' })
    const taken = Object.keys(keys).filter((key) => KNOWN.has(key))
    if (taken.length > 0) check.addIssue({ code: 'custom', message: `change ${taken.join(', ')} in the form above` })
  }),
})

/** Undefined when the text is not a JSON object. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = readJson(text || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
