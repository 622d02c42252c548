import { type LogLevel, type RuntimeLogLine, cutFolders } from '../interface/index.ts'

/** Of one line; the rest of a longer one is dropped. */
export const MAX_LINE_CHARACTERS = 16_000
/** Of the lines that are asked for at once, as an engine or a cluster sends them. */
export const MAX_LOG_BYTES = 4_000_000

/** API keys of this server, wherever a gateway might print one. */
const MODEL_KEY = /\bsk_[A-Za-z0-9]{20,}/g
// Terminals are told of colours with a control character, which is what is looked for.
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001B\[[0-9;]*m/g

/** Gateways begin lines with the time, which is known without. */
const OWN_TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d) /

const levels: [LogLevel, RegExp][] = [
  ['error', /\b(error|fatal|uncaught|exception)\b/i],
  ['warn', /\bwarn(ing)?\b/i],
  ['debug', /\b(debug|trace)\b/i],
]

/**
 * One line a gateway wrote. What goes to standard error and does not say how bad it is is a warning.
 *
 * @param folders Of this machine, as `spellingsOf` gives them; a gateway in a container sees only its own.
 */
export function toLogLine(
  time: string,
  text: string,
  isError: boolean,
  { secrets, folders = [] }: { secrets: readonly string[]; folders?: readonly string[] },
): RuntimeLogLine {
  const withoutSecrets = secrets.reduce((line, secret) => line.replaceAll(secret, '[removed]'), text).replace(MODEL_KEY, '[removed]')
  const shown = cutFolders(withoutSecrets, folders)
  const message = shown.replace(COLOUR, '').replace(OWN_TIME, '').trimEnd()
  const level = levels.find(([, pattern]) => pattern.test(message.slice(0, 200)))?.[0] ?? (isError ? 'warn' : 'info')
  return { time: new Date(time).toISOString(), level, message }
}

/** The last `limit` lines that are newer than `since` and say something, oldest first. */
export function lastLines(lines: RuntimeLogLine[], { since, limit }: { since?: string; limit: number }): RuntimeLogLine[] {
  const newer = lines.filter(({ time, message }) => message !== '' && (since === undefined || time > since))
  return limit === 0 ? [] : newer.toSorted((a, b) => a.time.localeCompare(b.time)).slice(-limit)
}
