import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useOpenAgent } from '../definitions/agent-context.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { Button } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { AddMemory } from './add-memory.tsx'
import { MemoryRow } from './memory-row.tsx'
import { useMemoryOf } from './use-memory.ts'

export function MemoryEditor() {
  const agent = useOpenAgent()
  const { memory } = useMemoryOf(agent.id)
  const mayChange = useMay('memory:write')
  const [isAdding, setAdding] = useState(false)
  if (!memory.data) {
    return memory.isError ? (
      <ErrorNotice error={memory.error} onRetry={() => void memory.refetch()} />
    ) : (
      <SkeletonList rows={4} className="h-12" />
    )
  }
  const { pages } = memory.data
  const entries = pages.flatMap((page) => Object.entries(page.memory)).sort(([a], [b]) => a.localeCompare(b))
  const lastUpdated = pages.at(-1)?.lastUpdated
  const addButton = mayChange && (
    <Button onClick={() => setAdding(true)}>
      <Plus size={16} aria-hidden /> Add a value
    </Button>
  )
  return (
    <div className="grid gap-4">
      {entries.length > 0 && (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-sm text-muted">
            {entries.length}
            {memory.hasNextPage && '+'} {entries.length === 1 ? 'value' : 'values'}
            {lastUpdated && (
              <>
                , last changed <Time at={lastUpdated} />
              </>
            )}
          </p>
          {!isAdding && addButton}
        </div>
      )}
      {isAdding && <AddMemory agentId={agent.id} taken={entries.map(([key]) => key)} onClose={() => setAdding(false)} />}
      {memory.isError && <ErrorNotice error={memory.error} onRetry={() => void memory.refetch()} />}
      {entries.length > 0 && (
        <ul className="rounded-xl border border-line bg-surface">
          {entries.map(([key, value]) => (
            <MemoryRow key={key} agentId={agent.id} memoryKey={key} value={value} />
          ))}
        </ul>
      )}
      {memory.hasNextPage && (
        <Button disabled={memory.isFetchingNextPage} onClick={() => void memory.fetchNextPage()}>
          Show more
        </Button>
      )}
      {entries.length === 0 && !isAdding && (
        <EmptyState title="Nothing remembered yet" action={addButton}>
          {agent.name} stores facts here while you talk, and you can add some yourself. What is here outlasts the conversation.
        </EmptyState>
      )}
    </div>
  )
}
