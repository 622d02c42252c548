import type { AuditNotes } from './audit-event.ts'
import type { Context } from './context.ts'

/** Tells the audit log more of a call; of one that is not in the log it tells nothing. What was told before is kept beside it. */
export function noteAudit({ auditNotes }: Pick<Context, 'auditNotes'>, notes: AuditNotes): void {
  if (auditNotes) Object.assign(auditNotes, notes, { changes: { ...auditNotes.changes, ...notes.changes } })
}
