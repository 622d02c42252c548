import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { PlanCard, type PlanKey } from './plan-card.tsx'

/** The plans that can be bought, each with the way to its checkout. */
export function PriceList({ takesPayments }: { takesPayments: boolean }) {
  const trpc = useTRPC()
  const plans = useQuery(trpc.billing.plans.queryOptions())
  if (!plans.data) return plans.isError ? <ErrorNotice error={plans.error} onRetry={() => void plans.refetch()} /> : <SkeletonList />
  return (
    <>
      {!takesPayments && <Notice>This server asks nobody for money: everybody has the plan its operator chose.</Notice>}
      <ul className="grid gap-3 sm:grid-cols-2">
        {(Object.keys(plans.data) as PlanKey[]).map((name) => (
          <PlanCard
            key={name}
            heading="h2"
            plan={plans.data[name]}
            action={takesPayments && <CheckoutLink plan={name} name={plans.data[name].name} />}
          />
        ))}
      </ul>
    </>
  )
}

/** A link of its own, and no part of this page: the server leads on to Stripe. */
const CheckoutLink = ({ plan, name }: { plan: PlanKey; name: string }) => (
  <a
    href={`/api/stripe/checkout?plan=${plan}`}
    className="inline-flex min-h-10 items-center justify-center rounded-lg bg-ink px-4 py-2 text-sm font-medium text-ground hover:opacity-85"
  >
    Choose {name}
  </a>
)
