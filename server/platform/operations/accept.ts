import { parseAccept } from 'hono/utils/accept'

interface Range {
  type: string
  weight: number
}

const rangesOf = (accept: string): Range[] => parseAccept(accept).map(({ type, q }) => ({ type: type.trim().toLowerCase(), weight: q }))

/** How welcome a type is, 0 to 1: as the most exact range says that names it (RFC 9110, section 12.5.1). */
function weightIn(ranges: Range[], type: string): number {
  const [group] = type.split('/')
  const found = [type, `${group}/*`, '*/*'].map((name) => ranges.find((range) => range.type === name)).find(Boolean)
  return found?.weight ?? 0
}

/** How welcome an answer of a type is, 0 to 1; any is to whoever says nothing. */
export const weightOf = (accept: string | null, type: string): number => (accept ? weightIn(rangesOf(accept), type) : 1)

/**
 * Whether a client wants one type rather than another, which is what it gets otherwise. Of two that are as welcome it
 * wants the one it names.
 */
export function prefers(accept: string | null, type: string, other = 'application/json'): boolean {
  if (!accept) return false
  const ranges = rangesOf(accept)
  const weight = weightIn(ranges, type)
  const isNamed = ranges.some((range) => range.type === type)
  return weight > 0 && (weight > weightIn(ranges, other) || (weight === weightIn(ranges, other) && isNamed))
}

/** What is acceptable, the most welcome first, for readers that know no weights. */
export const inOrderOfWeight = (accept: string): string[] =>
  rangesOf(accept)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ type }) => type)
