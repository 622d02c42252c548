import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'

/** The newest invoices, each with a page that shows it. */
export function InvoicesSection() {
  const trpc = useTRPC()
  const invoices = useQuery(trpc.subscriptions.invoices.queryOptions())
  return (
    <Section title="Invoices">
      {invoices.isError && <ErrorNotice error={invoices.error} onRetry={() => void invoices.refetch()} />}
      {!invoices.data && !invoices.isError && <SkeletonList rows={2} />}
      {invoices.data?.length === 0 && <p className="text-sm text-muted">There are none.</p>}
      {invoices.data && invoices.data.length > 0 && (
        <ul className="grid gap-2 text-sm">
          {invoices.data.map(({ id, number, status, amount, createdAt, url }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-sunken px-4 py-3">
              <span>
                {number ?? 'Draft'} · {amount}{' '}
                <span className="text-muted">
                  · {status} · <Time at={createdAt} />
                </span>
              </span>
              {url && (
                <a href={url} rel="noreferrer" target="_blank" className="font-medium underline underline-offset-4">
                  Show<span className="sr-only"> invoice {number}</span>
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
