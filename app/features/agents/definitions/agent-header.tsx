import { Link } from '@remix-run/react'
import { ChevronLeft, Ellipsis, Eraser, Play, RotateCw, Square, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { isUp } from '../../../../server/agents/definitions/agent-status.contract.ts'
import type { AgentDetail } from '../../../../server/agents/definitions/agents.contract.ts'
import { useMay, usePath } from '../../../workspace/workspace.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { Menu, MenuItem } from '../../../ui/menu.tsx'
import { DeleteAgentDialog, ResetMemoryDialog } from './agent-dialogs.tsx'
import { StatusPill, StatusReason } from './status.tsx'
import { useLifecycle } from './use-agents.ts'

export function AgentHeader({ agent }: { agent: AgentDetail }) {
  const pathOf = usePath()
  const mayChange = useMay('agents:write')
  const [dialog, setDialog] = useState<'reset' | 'delete' | null>(null)
  const { start, stop, restart, isBusy, isStarting, isStopping, isRestarting } = useLifecycle(agent)
  const setOpen = (name: 'reset' | 'delete') => (isOpen: boolean) => setDialog(isOpen ? name : null)
  return (
    <div className="mb-3 grid gap-2">
      <div className="flex items-center justify-between gap-4">
        <Link to={pathOf('/agents')} className="-ml-1 inline-flex min-h-10 items-center gap-0.5 text-sm text-muted hover:text-ink">
          <ChevronLeft size={16} aria-hidden /> Agents
        </Link>
        {mayChange && (
          <div className="flex items-center gap-2">
            {isUp(agent.status) ? (
              <>
                <Button onClick={stop} isBusy={isStopping} disabled={isBusy}>
                  {!isStopping && <Square size={14} aria-hidden />} Stop
                </Button>
                <Button className="max-sm:hidden" onClick={restart} isBusy={isRestarting} disabled={isBusy}>
                  {!isRestarting && <RotateCw size={14} aria-hidden />} Restart
                </Button>
              </>
            ) : (
              <Button look="primary" onClick={start} isBusy={isStarting} disabled={isBusy}>
                {!isStarting && <Play size={14} aria-hidden />} Start
              </Button>
            )}
            <Menu
              trigger={
                <IconButton label={`More for ${agent.name}`}>
                  <Ellipsis size={18} aria-hidden />
                </IconButton>
              }
            >
              {isUp(agent.status) && (
                <MenuItem className="sm:hidden" onSelect={restart} isDisabled={isBusy}>
                  <RotateCw size={16} aria-hidden /> Restart
                </MenuItem>
              )}
              <MenuItem onSelect={() => setDialog('reset')}>
                <Eraser size={16} aria-hidden /> Reset memory…
              </MenuItem>
              <MenuItem onSelect={() => setDialog('delete')} isDanger>
                <Trash2 size={16} aria-hidden /> Delete agent…
              </MenuItem>
            </Menu>
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="[overflow-wrap:anywhere]">{agent.name}</h1>
        <span role="status">
          <StatusPill status={agent.status} />
        </span>
        <p className="font-mono text-xs text-muted [overflow-wrap:anywhere]">{agent.model ?? 'no model'}</p>
      </div>
      <StatusReason reason={agent.statusReason} />
      <ResetMemoryDialog agent={agent} isOpen={dialog === 'reset'} onOpenChange={setOpen('reset')} />
      <DeleteAgentDialog agent={agent} isOpen={dialog === 'delete'} onOpenChange={setOpen('delete')} />
    </div>
  )
}
