import { isObject, type JsonObject } from './json.ts'

export const HELP = [
  'I understand these commands:',
  '- remember KEY is VALUE (or KEY = VALUE)',
  '- recall KEY, or: what is my KEY?',
  '- list, or: what do you remember?',
  '- forget KEY',
  '- calculate 2 * (3 + 4), or: what is 2+2?',
  '- history',
  '- help',
].join('\n')

export const UNKNOWN = [
  'I am local/commands, the built-in stand-in for a language model. I am not a language model, so I cannot answer that.',
  HELP,
  'To get a language model, set one of OPENROUTER_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY or OPENAI_COMPATIBLE_BASE_URL (any OpenAI-compatible server), restart, and choose its model for this agent.',
].join('\n')

export const notOffered = (tool: string): string => `I need the tool "${tool}" for that, and this conversation does not offer it.`

export const historyAnswer = (count: number): string =>
  `I was sent ${count === 1 ? '1 message' : `${count} messages`} of this conversation, counting this one.`

/** A sentence made from what a tool answered. A tool that is not one of ours is quoted. */
export function answerFrom(tool: string, result: JsonObject): string {
  if (typeof result.error === 'string') return `That did not work: ${result.error}`
  const key = String(result.key)
  switch (tool) {
    case 'remember':
      return `I will remember that ${key} is ${show(result.value)}.`
    case 'recall':
      return result.found ? `${key} is ${show(result.value)}.` : `I do not know ${key}.`
    case 'forget':
      return result.forgotten ? `I have forgotten ${key}.` : `There was nothing to forget: I do not know ${key}.`
    case 'list_memory':
      return listAnswer(result)
    case 'calculate':
      return `${String(result.expression)} = ${show(result.result)}`
    default:
      return `${tool} answered: ${show(result)}`
  }
}

function listAnswer({ entries, count }: JsonObject): string {
  const shown = isObject(entries) ? Object.entries(entries) : []
  if (shown.length === 0) return 'I do not remember anything yet.'
  const more = Number(count) - shown.length
  return ['I remember:', ...shown.map(([key, value]) => `- ${key} is ${show(value)}`), ...(more > 0 ? [`and ${more} more.`] : [])].join(
    '\n',
  )
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
