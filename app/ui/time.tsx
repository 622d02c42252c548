const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** `3 minutes ago`. */
function ago(at: number): string {
  const seconds = (at - Date.now()) / 1000
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return unit === 'second' ? 'just now' : relative.format(Math.round(seconds / size), unit)
}

/** When something happened: how long ago, or (`isExact`) the date and the time. */
export const Time = ({ at, isExact = false }: { at: string; isExact?: boolean }) => {
  const exact = date.format(new Date(at))
  return (
    <time dateTime={at} title={exact}>
      {isExact ? exact : ago(Date.parse(at))}
    </time>
  )
}
