import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { EventRow } from '../../insight/audit/event-row.tsx'

/** The newest events of the server's own audit log. */
export function ServerLog() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.admin.events.queryOptions({ limit: 100 }))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={5} />
  if (data.events.length === 0) return <EmptyState title="Nothing here">What operators of the server do is listed here.</EmptyState>
  return (
    <ul className="rounded-xl border border-line bg-surface">
      {data.events.map((event) => (
        <EventRow key={event.number} event={event} />
      ))}
    </ul>
  )
}
