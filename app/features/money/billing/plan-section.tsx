import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from '@remix-run/react'
import type { BillingInfo } from '../../../../server/api/billing/billing-info.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { PlanCard, type PlanKey } from './plan-card.tsx'
import { useLeave } from './use-leave.ts'

const names: readonly PlanKey[] = ['solo', 'collective', 'label', 'network']

/** The plan of the workspace, how it is paid, and the others. */
export function PlanSection() {
  const trpc = useTRPC()
  const billing = useQuery(trpc.billing.info.queryOptions())
  if (!billing.data)
    return billing.isError ? <ErrorNotice error={billing.error} onRetry={() => void billing.refetch()} /> : <SkeletonList rows={2} />
  const { currentPlan, plans, takesPayments } = billing.data
  return (
    <Section title="Plan" about={<PlanStatus billing={billing.data} />}>
      {takesPayments ? (
        <Plans billing={billing.data} />
      ) : (
        <p className="text-sm">
          This server asks nobody for money. Everybody has the plan {currentPlan === 'free' ? 'free' : plans[currentPlan].name}.
        </p>
      )}
    </Section>
  )
}

function PlanStatus({ billing: { currentPlan, plans, subscriptionStatus, trial, graceEndsAt } }: { billing: BillingInfo }) {
  const name = currentPlan === 'free' ? 'No paid plan' : plans[currentPlan].name
  return (
    <div className="grid gap-2">
      <p>
        <span className="font-medium text-ink">{name}</span> · {subscriptionStatus.replace('_', ' ')}
        {trial && !trial.expired && ` · ${trial.daysLeft} free ${trial.daysLeft === 1 ? 'day' : 'days'} left`}
        {trial?.expired && ' · the free days are over'}
      </p>
      {graceEndsAt && (
        <Notice tone="warn">
          The last payment failed. The plan holds until <Time at={graceEndsAt} />; look after your card before.
        </Notice>
      )}
    </div>
  )
}

function Plans({ billing }: { billing: BillingInfo }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayBuy = useMay('payments:write')
  const [query] = useSearchParams()
  const { go, isLeaving } = useLeave()
  const running = useQuery(trpc.subscriptions.list.queryOptions())
  const current = running.data?.find(({ purpose }) => purpose === 'plan')
  const buy = useMutation(trpc.checkout.buyPlan.mutationOptions({ onSuccess: ({ url }) => go(url) }))
  const change = useMutation(
    trpc.subscriptions.change.mutationOptions({
      onSettled: () =>
        Promise.all([queries.invalidateQueries(trpc.billing.pathFilter()), queries.invalidateQueries(trpc.subscriptions.pathFilter())]),
    }),
  )
  const portal = useMutation(trpc.subscriptions.portal.mutationOptions({ onSuccess: ({ url }) => go(url) }))
  const error = buy.error ?? change.error ?? portal.error
  const isBusy = buy.isPending || change.isPending || isLeaving
  return (
    <div className="grid gap-4">
      {current && (
        <p className="text-sm text-muted">
          {current.isEnding ? 'Ends ' : 'Renews '}
          <Time at={current.periodEndsAt} />
        </p>
      )}
      <ul className="grid gap-3 sm:grid-cols-2">
        {names.map((name) => (
          <PlanCard
            key={name}
            plan={billing.plans[name]}
            isCurrent={billing.currentPlan === name}
            isAskedFor={query.get('change') === name}
            action={
              mayBuy &&
              running.data && (
                <Button isBusy={isBusy} onClick={() => (current ? change.mutate({ plan: name }) : buy.mutate({ plan: name }))}>
                  {current ? `Change to ${billing.plans[name].name}` : `Choose ${billing.plans[name].name}`}
                </Button>
              )
            }
          />
        ))}
      </ul>
      {error && <ErrorNotice error={error} />}
      {mayBuy && (
        <Button className="justify-self-start" isBusy={portal.isPending || isLeaving} onClick={() => portal.mutate({})}>
          Card, invoices and cancellation
        </Button>
      )}
    </div>
  )
}
