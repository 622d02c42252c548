import clsx from 'clsx'
import type { AuditEvent } from '../../../../server/insight/audit/audit.contract.ts'
import { Time } from '../../../ui/time.tsx'

const outcomes = { success: undefined, denied: 'refused', failed: 'failed' } as const

/** One event: what was done to what, by whom and from where, and what it changed. */
export function EventRow({ event }: { event: AuditEvent }) {
  const { action, outcome, code, actor, targets, context, changes, at } = event
  const state = outcomes[outcome]
  return (
    <li className="grid gap-1 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-mono text-sm font-medium">{action}</span>
        {state && (
          <span className={clsx('text-sm', outcome === 'denied' ? 'text-danger' : 'text-warn')}>
            {state}
            {code && <span className="font-mono text-xs"> {code}</span>}
          </span>
        )}
        <span className="ml-auto text-sm text-muted">
          <Time at={at} isExact />
        </span>
      </p>
      <p className="text-sm [overflow-wrap:anywhere] text-muted">
        {actor.name ?? actor.id ?? actor.type}
        {targets.length > 0 && ` → ${targets.map(({ type, id, name }) => `${type} ${name ?? id}`).join(', ')}`}
        {context.ip && ` · from ${context.ip}`}
      </p>
      {changes.length > 0 && (
        <p className="font-mono text-xs [overflow-wrap:anywhere] text-muted">{changes.map(describeChange).join(', ')}</p>
      )}
    </li>
  )
}

function describeChange({ field, before, after }: AuditEvent['changes'][number]): string {
  if (after === undefined) return field
  return before === undefined ? `${field}: ${JSON.stringify(after)}` : `${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`
}
