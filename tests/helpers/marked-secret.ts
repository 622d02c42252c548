import type { Operation } from '../../server/platform/operations/operation.ts'

/** A word that is in no code and no text, and has no form by which a secret is known: only who never writes it down keeps it. */
export const MARK = 'marl0wtide'

/** The ways in which it might have been written down. */
const written = [
  MARK,
  ...[0, 1, 2].map((offset) =>
    Buffer.from(`${'x'.repeat(offset)}${MARK}`)
      .toString('base64')
      .slice(offset === 0 ? 0 : offset + 1, -4),
  ),
  Buffer.from(MARK).toString('hex'),
]

/** Where a text has the mark, however it is written: with what is around it, for a message; undefined where it is not. */
export function findMark(text: string): string | undefined {
  const plain = text.toLowerCase()
  const at = written.map((form) => plain.indexOf(form.toLowerCase())).find((found) => found >= 0)
  return at === undefined ? undefined : text.slice(Math.max(0, at - 300), at + 100)
}

/** Fields that hold a secret, by their name. */
const secretName = /password|secret|token(?!s)|apiKey|recoveryCode|^code$/i

/** Secrets that no name tells of. */
const secretsOf: Record<string, (mark: unknown) => Record<string, unknown>> = {
  'agents.setCredential': (value) => ({ value }),
  ...Object.fromEntries(
    ['agents.provision', 'agents.update', 'agents.updateConfig'].map((name) => [
      name,
      (botToken: unknown) => ({ config: { instructions: 'Answer.', channels: { telegram: { botToken } } } }),
    ]),
  ),
}

/** An input with the mark in all its secrets, those it was given without included. */
export function withMark(operation: Operation, input: Record<string, unknown>, mark: unknown = MARK): Record<string, unknown> {
  const declared = 'shape' in operation.input ? Object.keys(operation.input.shape as object) : []
  const added = declared.filter((name) => secretName.test(name)).map((name) => [name, mark])
  return { ...(replaced(input, mark) as object), ...Object.fromEntries(added), ...secretsOf[operation.name]?.(mark) }
}

function replaced(value: unknown, mark: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => replaced(item, mark))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, secretName.test(name) && typeof inner === 'string' ? mark : replaced(inner, mark)]),
  )
}
