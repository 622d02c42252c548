import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { useDownloadPath } from '../../../workspace/workspace.ts'
import { EventRow } from './event-row.tsx'

type Outcome = 'success' | 'denied' | 'failed'

/** The audit log of the workspace, newest first, with what it can be searched by. */
export function ActivityLog() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const [action, setAction] = useState('')
  const [outcome, setOutcome] = useState<Outcome | ''>('')
  const filter = { ...(action.trim() ? { action: action.trim() } : {}), ...(outcome ? { outcome } : {}) }
  const { data, error, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [...trpc.audit.list.queryKey(filter), 'all'],
    queryFn: ({ pageParam, signal }) => client.audit.list.query({ ...filter, ...(pageParam ? { before: pageParam } : {}) }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  })
  const events = data?.pages.flatMap((page) => page.events) ?? []
  return (
    <div className="grid gap-4">
      <form className="grid gap-3 sm:grid-cols-2" onSubmit={(event) => event.preventDefault()}>
        <TextField label="Operation" placeholder="keys.create" value={action} onChange={(event) => setAction(event.target.value)} />
        <SelectField label="Outcome" value={outcome} onChange={(event) => setOutcome(event.target.value as Outcome | '')}>
          <option value="">Any</option>
          <option value="success">Done</option>
          <option value="denied">Refused</option>
          <option value="failed">Failed</option>
        </SelectField>
      </form>
      {isError && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <SkeletonList rows={5} />}
      {data && events.length === 0 && (
        <EmptyState title="Nothing here">
          Changes of settings, keys and agents are listed here, and sign-ins, with who made them.
        </EmptyState>
      )}
      {events.length > 0 && (
        <ul className="rounded-xl border border-line bg-surface">
          {events.map((event) => (
            <EventRow key={event.number} event={event} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  )
}

const link =
  'inline-flex min-h-10 items-center gap-2 rounded-lg border border-line-strong bg-surface px-4 text-sm font-medium hover:bg-sunken'

/** The whole log as a file. */
export function ExportLinks() {
  const pathOf = useDownloadPath()
  return (
    <div className="flex gap-2">
      {(['csv', 'jsonl'] as const).map((format) => (
        <a key={format} href={pathOf(`/api/audit/export?format=${format}`)} className={link} download>
          <Download size={16} aria-hidden /> {format.toUpperCase()}
        </a>
      ))}
    </div>
  )
}
