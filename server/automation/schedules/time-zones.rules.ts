const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** @throws RangeError for a zone nobody knows. */
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timezone, made)
  return made
}

/** What a clock in that zone shows, as if it were UTC: without a zone it has gaps and hours that come twice. */
export function wallTimeOf(moment: Date, timezone: string): Date {
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  )
  return new Date(Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second))
}

/**
 * When a clock in that zone shows it: of a time that comes twice the first, and for one that is skipped the end of the
 * gap, as cron has it.
 */
export function momentOf(wallTime: Date, timezone: string): Date {
  const distanceAt = (time: number) => wallTimeOf(new Date(time), timezone).getTime() - Math.floor(time / 1000) * 1000
  const time = wallTime.getTime()
  const [before, after] = [time - DAY_MS, time + DAY_MS]
  const moments = [time - distanceAt(before), time - distanceAt(after)]
  const shown = moments.filter((moment) => moment + distanceAt(moment) === time)
  if (shown.length > 0) return new Date(Math.min(...shown))
  return new Date(changeBetween(before, after, distanceAt))
}

/** The second in which the distance from UTC changes, which it does once in between. */
function changeBetween(start: number, end: number, distanceAt: (time: number) => number): number {
  const distance = distanceAt(start)
  let [low, high] = [Math.floor(start / 1000), Math.ceil(end / 1000)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (distanceAt(middle * 1000) === distance) low = middle
    else high = middle
  }
  return high * 1000
}
