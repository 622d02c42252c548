import type { FieldProblem } from './errors.ts'

/**
 * Texts a database cannot store: with a NUL character, or with half a surrogate pair. Refusing them
 * here gives a clear error that names the field, instead of a failed query.
 */
export function findUnstorableText(value: unknown, path: (string | number)[] = []): FieldProblem[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [problemAt(path)]
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnstorableText(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (isStorable(key) ? findUnstorableText(inner, [...path, key]) : [problemAt(path)]))
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
const problemAt = (path: (string | number)[]): FieldProblem => ({
  field: path.join('.'),
  message: 'expected well-formed text without NUL characters',
})

/** The text without what a database cannot store; for text that no caller can correct, such as a model's. */
export const toStorableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()
