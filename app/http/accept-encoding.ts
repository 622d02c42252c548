import { parseAccept } from 'hono/utils/accept'

/** Content codings answers are packed with, the better one first. */
export const codings = ['br', 'gzip'] as const
export type Coding = (typeof codings)[number]

/** What an answer to this `Accept-Encoding` is packed with; undefined for as it is (RFC 9110, section 12.5.3). */
export function chooseCoding(header: string | null | undefined): Coding | undefined {
  if (!header) return undefined
  const weights = new Map(parseAccept(header).map(({ type, q }) => [type.toLowerCase(), q]))
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
  const best = Math.max(...codings.map(weightOf))
  // What is not packed is acceptable without being named, and then preferred to nothing.
  if (best === 0 || best < (weights.get('identity') ?? 0)) return undefined
  return codings.find((coding) => weightOf(coding) === best)
}
