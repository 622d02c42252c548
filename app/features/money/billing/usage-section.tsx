import { useMutation, useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { formatBytes } from '../../insight/metrics/figures.ts'
import { useLeave } from './use-leave.ts'

const count = (value: number): string => value.toLocaleString('en')

const rows = [
  ['agents', 'Agents', count],
  ['monthlyTokens', 'Tokens this month', count],
  ['dailyUnits', 'Calls of models today', count],
  ['storageBytes', 'Files', formatBytes],
] as const

/** How much of the plan is used, and more room for files. */
export function UsageSection({ takesPayments }: { takesPayments: boolean }) {
  const trpc = useTRPC()
  const mayBuy = useMay('payments:write')
  const { go, isLeaving } = useLeave()
  const use = useQuery(trpc.billing.planUse.queryOptions())
  const buy = useMutation(trpc.checkout.buyStorage.mutationOptions({ onSuccess: ({ url }) => go(url) }))
  if (!use.data) return use.isError ? <ErrorNotice error={use.error} onRetry={() => void use.refetch()} /> : <SkeletonList rows={2} />
  const used = use.data
  return (
    <Section title="Usage" about="Days and months begin at midnight UTC. Calls on keys of your own are not counted.">
      <dl className="grid gap-4 sm:grid-cols-2">
        {rows.map(([key, name, format]) => (
          <Bar key={key} name={name} {...used[key]} format={format} />
        ))}
      </dl>
      {takesPayments && mayBuy && (
        <Button className="mt-4" isBusy={buy.isPending || isLeaving} onClick={() => buy.mutate({})}>
          50 GB more for files, £39 a month
        </Button>
      )}
      {buy.isError && <ErrorNotice error={buy.error} />}
    </Section>
  )
}

function Bar({ name, current, limit, format }: { name: string; current: number; limit: number | null; format(value: number): string }) {
  const id = `use-${name.replaceAll(' ', '-')}`
  return (
    <div className="grid gap-1 text-sm">
      <dt className="flex justify-between gap-3">
        <span id={id}>{name}</span>
        <span className="text-muted">
          {format(current)} {limit === null ? 'of no limit' : `of ${format(limit)}`}
        </span>
      </dt>
      <dd>
        <meter className="h-2 w-full" aria-labelledby={id} min={0} max={limit ?? 1} value={limit === null ? 0 : Math.min(current, limit)} />
      </dd>
    </div>
  )
}
