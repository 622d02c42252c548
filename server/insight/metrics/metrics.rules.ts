/** To two decimals. */
export const round = (value: number): number => Math.round(value * 100) / 100

export const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value))

/** Null of nothing. */
export const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

/** `part` of `whole` in percent, from 0 to 100; null when there is no whole. */
export const percentOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : round(Math.min(100, Math.max(0, (part / whole) * 100)))

/** A change as `+14%`; null when there was nothing before. */
export function changeOf(before: number, after: number): string | null {
  if (before === 0) return null
  const percent = Math.round(((after - before) / before) * 100)
  return `${percent > 0 ? '+' : ''}${percent}%`
}

const severity = ['healthy', 'degraded', 'unhealthy'] as const
type Health = (typeof severity)[number]

/** The worse of what the load says and what the errors of the last hour say: more than 5 are degraded, more than 10 unhealthy. */
export function healthWith(loadHealth: Health, errorsLastHour: number): Health {
  const byErrors = errorsLastHour > 10 ? 2 : errorsLastHour > 5 ? 1 : 0
  return severity[Math.max(severity.indexOf(loadHealth), byErrors)]!
}
