import { readJson } from '../../../ui/json.ts'

/**
 * A memory value as one edits it: text stays text, anything else is JSON. Text that would be read back
 * as something else (`42`, `{}`) is shown in quotes.
 */
export function toText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2)
  return typeof fromText(value) === 'string' && fromText(value) === value ? value : JSON.stringify(value)
}

/** What was typed, as a value: JSON where it is JSON, else text. */
export function fromText(text: string): unknown {
  try {
    return readJson(text)
  } catch {
    return text
  }
}
