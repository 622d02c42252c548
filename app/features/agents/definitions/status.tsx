import clsx from 'clsx'
import type { AgentStatus } from '../../../../server/agents/definitions/agents.contract.ts'

type Tone = 'ok' | 'busy' | 'off' | 'bad'

const words: Record<AgentStatus, { tone: Tone; text: string }> = {
  pending: { tone: 'off', text: 'Not started' },
  provisioning: { tone: 'busy', text: 'Being set up' },
  starting: { tone: 'busy', text: 'Starting' },
  running: { tone: 'ok', text: 'Running' },
  active: { tone: 'ok', text: 'Running' },
  degraded: { tone: 'bad', text: 'Degraded' },
  repairing: { tone: 'busy', text: 'Being repaired' },
  crash_loop: { tone: 'bad', text: 'Keeps crashing' },
  stopped: { tone: 'off', text: 'Stopped' },
  error: { tone: 'bad', text: 'Failed' },
}

const lamps: Record<Tone, string> = {
  ok: 'bg-ok',
  busy: 'bg-warn animate-lamp',
  off: 'border-2 border-line-strong',
  bad: 'bg-danger',
}

const pills: Record<Tone, string> = {
  ok: 'bg-ok-soft text-ok',
  busy: 'bg-warn-soft text-warn',
  off: 'bg-sunken text-muted',
  bad: 'bg-danger-soft text-danger',
}

/** Why an agent is not well, where that is known. */
export const StatusReason = ({ reason }: { reason: string | null }) =>
  reason && <p className="text-sm text-danger [overflow-wrap:anywhere]">{reason}</p>

/** A lamp and a word: never colour alone. */
export function StatusPill({ status }: { status: AgentStatus }) {
  const { tone, text } = words[status]
  return (
    <span className={clsx('inline-flex items-center gap-2 rounded-full px-2.5 py-1 text-xs font-medium whitespace-nowrap', pills[tone])}>
      <span aria-hidden className={clsx('size-2 rounded-full', lamps[tone])} />
      {text}
    </span>
  )
}
