import { Link } from '@remix-run/react'
import { Play, Square } from 'lucide-react'
import { isUp } from '../../../../server/agents/definitions/agent-status.contract.ts'
import type { Agent } from '../../../../server/agents/definitions/agents.contract.ts'
import { useMay, usePath } from '../../../workspace/workspace.ts'
import { Button } from '../../../ui/button.tsx'
import { Time } from '../../../ui/time.tsx'
import { StatusPill } from './status.tsx'
import { useLifecycle } from './use-agents.ts'

export function AgentRow({ agent }: { agent: Agent }) {
  const pathOf = usePath()
  const mayChange = useMay('agents:write')
  const { start, stop, isBusy, isStarting, isStopping } = useLifecycle(agent)
  return (
    <li className="relative flex items-center gap-4 border-b border-line px-4 py-3.5 last:border-b-0 hover:bg-sunken/60 sm:px-5">
      <div className="min-w-0 flex-1">
        <Link
          to={pathOf(`/agents/${agent.id}`)}
          prefetch="intent"
          className="block truncate font-medium after:absolute after:inset-0 after:rounded-xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-current"
        >
          {agent.name}
        </Link>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          <StatusPill status={agent.status} />
          <span className="font-mono text-xs [overflow-wrap:anywhere]">{agent.model ?? 'no model'}</span>
          <span className="hidden sm:inline">
            created <Time at={agent.createdAt} />
          </span>
        </p>
      </div>
      {!mayChange ? null : isUp(agent.status) ? (
        <Button className="relative" onClick={stop} isBusy={isStopping} disabled={isBusy} aria-label={`Stop ${agent.name}`}>
          {!isStopping && <Square size={14} aria-hidden />} Stop
        </Button>
      ) : (
        <Button className="relative" onClick={start} isBusy={isStarting} disabled={isBusy} aria-label={`Start ${agent.name}`}>
          {!isStarting && <Play size={14} aria-hidden />} Start
        </Button>
      )}
    </li>
  )
}
