import type { AuditEvent } from './audit.contract.ts'

const columns: [name: string, value: (event: AuditEvent) => unknown][] = [
  ['number', (event) => event.number],
  ['at', (event) => event.at],
  ['action', (event) => event.action],
  ['outcome', (event) => event.outcome],
  ['code', (event) => event.code],
  ['actor_type', (event) => event.actor.type],
  ['actor_id', (event) => event.actor.id],
  ['actor_name', (event) => event.actor.name],
  ['targets', (event) => event.targets.map(({ type, id, name }) => (name ? `${type} ${id} (${name})` : `${type} ${id}`)).join('; ')],
  ['ip', (event) => event.context.ip],
  ['user_agent', (event) => event.context.userAgent],
  ['session_id', (event) => event.context.sessionId],
  ['request_id', (event) => event.context.requestId],
  ['changes', (event) => (event.changes.length > 0 ? JSON.stringify(event.changes) : '')],
  ['id', (event) => event.id],
  ['hash', (event) => event.hash],
]

export const csvHead = `${columns.map(([name]) => name).join(',')}\r\n`

export const csvLine = (event: AuditEvent): string => `${columns.map(([, value]) => cell(value(event))).join(',')}\r\n`

/** What begins like a formula would be one in a spreadsheet, and do what it says: it is made a text (OWASP, CSV injection). */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value as string | number)
  const guarded = typeof value === 'string' && /^[\s]*[=+\-@]|^[\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
