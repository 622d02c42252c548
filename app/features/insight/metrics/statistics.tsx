import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { useOpenAgent } from '../../agents/definitions/agent-context.ts'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { formatMs, groupsOf } from './figures.ts'

const REFRESH_MS = 15_000

export function Statistics() {
  const agent = useOpenAgent()
  const trpc = useTRPC()
  // TanStack Query pauses this while the tab is hidden.
  const stats = useQuery(trpc.agents.stats.queryOptions({ agentId: agent.id }, { refetchInterval: REFRESH_MS }))
  if (!stats.data) {
    return stats.isError ? (
      <ErrorNotice error={stats.error} onRetry={() => void stats.refetch()} />
    ) : (
      <SkeletonList rows={3} className="h-32" />
    )
  }
  const { data } = stats
  return (
    <div className="grid gap-6">
      {stats.isError && <ErrorNotice error={stats.error} onRetry={() => void stats.refetch()} />}
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-4">
        <Headline name="Messages answered" value={data.messagesProcessed} />
        <Headline name="Success" value={data.successRate === null ? null : `${data.successRate}%`} />
        <Headline name="Average answer" value={formatMs(data.averageResponseTime)} />
        <Headline name="Running for" value={data.uptimeFormatted} />
      </dl>
      <div className="grid items-start gap-6 sm:grid-cols-2 lg:grid-cols-3">
        {groupsOf(data).map(({ title, note, figures }) => (
          <section key={title}>
            <h2>{title}</h2>
            <dl className="mt-2 divide-y divide-line rounded-xl border border-line bg-surface px-4">
              {figures.map(([name, value]) => (
                <div key={name} className="flex justify-between gap-4 py-2.5 text-sm">
                  <dt className="text-muted">{name}</dt>
                  <dd className="text-right font-mono tabular-nums">
                    <Figure value={value} />
                  </dd>
                </div>
              ))}
            </dl>
            {note && <p className="mt-2 text-sm text-muted">{note}</p>}
          </section>
        ))}
      </div>
      <p className="text-sm text-muted">
        Measured <Time at={data.timestamp} isExact />. Refreshed every 15 seconds while you look.
      </p>
    </div>
  )
}

const Headline = ({ name, value }: { name: string; value: string | number | null }) => (
  <div className="flex flex-col-reverse justify-end gap-0.5 bg-surface p-4">
    <dt className="text-sm text-muted">{name}</dt>
    <dd className="text-xl font-semibold tabular-nums">
      <Figure value={value} />
    </dd>
  </div>
)

const Figure = ({ value }: { value: string | number | null }): ReactNode =>
  value === null ? (
    <>
      <span aria-hidden>—</span>
      <span className="sr-only">not measured</span>
    </>
  ) : (
    value
  )
