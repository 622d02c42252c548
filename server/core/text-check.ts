import type { FieldProblem } from './errors.ts'

type Path = (string | number)[]

/**
 * Texts a database cannot store: with a NUL character, or with half a surrogate pair. Refusing them
 * here gives a clear error that names the field, instead of a failed query. A key `__proto__` would be
 * dropped without a word further on, so it is refused too.
 */
export function findUnstorableText(value: unknown, path: Path = []): FieldProblem[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [problemAt(path, 'expected well-formed text without NUL characters')]
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnstorableText(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    isStorable(key) && key !== '__proto__'
      ? findUnstorableText(inner, [...path, key])
      : [problemAt(path, `expected another key than ${JSON.stringify(key)}`)],
  )
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
const problemAt = (path: Path, message: string): FieldProblem => ({ field: path.join('.'), message })

/** The text without what a database cannot store; for text that no caller can correct, such as a model's. */
export const toStorableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()
