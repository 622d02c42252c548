import { MAX_NAME_LENGTH } from './files.contract.ts'

/** Names Windows keeps for devices, whatever comes after a dot. */
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

/**
 * The name a file is stored under: no leading dots, nothing but letters, digits, dots, lines and hyphens, at
 * most 128 characters, of which the extension is kept. A name of which nothing is left becomes `upload_` and a time in milliseconds.
 */
export function toSafeName(name: string, now: number): string {
  const safe = name.replace(/^\.+/, '').replace(/[^a-zA-Z0-9._-]/g, '_')
  if (safe === '') return `upload_${now}`
  return shorten(reserved.test(safe) ? `_${safe}` : safe)
}

const EXTENSION = /(\.tar)?\.[a-zA-Z0-9]{1,16}$/

function shorten(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name
  const [extension = ''] = EXTENSION.exec(name) ?? []
  return name.slice(0, MAX_NAME_LENGTH - extension.length) + extension
}
