import { useState } from 'react'
import { useMay } from '../../../workspace/workspace.ts'
import { Button } from '../../../ui/button.tsx'
import { control } from '../../../ui/field.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { AgentRow } from './agent-row.tsx'
import { useAgents } from './use-agents.ts'

/** From this many agents on, a filter is quicker than looking. */
const FILTER_FROM = 8

export function AgentList({ onCreate }: { onCreate(): void }) {
  const { data: agents, error, isError, refetch } = useAgents()
  const mayCreate = useMay('agents:write')
  const [filter, setFilter] = useState('')
  if (!agents) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-[4.75rem]" />
  if (agents.length === 0) {
    return (
      <EmptyState
        title="No agents yet"
        action={
          mayCreate && (
            <Button look="primary" onClick={onCreate}>
              Create the first one
            </Button>
          )
        }
      >
        An agent answers messages with a model you choose, and keeps what it should remember. You can talk to it a moment from now.
      </EmptyState>
    )
  }
  const shown = agents.filter(({ name, model }) => `${name} ${model ?? ''}`.toLowerCase().includes(filter.trim().toLowerCase()))
  return (
    <div className="grid gap-4">
      {isError && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {agents.length >= FILTER_FROM && (
        <input
          type="search"
          aria-label="Filter agents by name or model"
          placeholder="Filter by name or model"
          className={control}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {shown.length > 0 ? (
        <ul className="overflow-hidden rounded-xl border border-line bg-surface">
          {shown.map((agent) => (
            <AgentRow key={agent.id} agent={agent} />
          ))}
        </ul>
      ) : (
        <p className="text-sm text-muted">No agent matches “{filter}”.</p>
      )}
    </div>
  )
}
