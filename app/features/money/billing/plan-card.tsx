import clsx from 'clsx'
import type { ReactNode } from 'react'
import type { BillingInfo } from '../../../../server/api/billing/billing-info.contract.ts'

export type PlanKey = keyof BillingInfo['plans']

interface PlanCardProps {
  plan: BillingInfo['plans'][PlanKey]
  isCurrent?: boolean
  /** Somebody followed a link to it. */
  isAskedFor?: boolean
  action: ReactNode
  /** Where it stands: on a page of its own, or in a section. */
  heading?: 'h2' | 'h3'
}

/** One plan, with what it has. */
export const PlanCard = ({ plan, isCurrent = false, isAskedFor = false, action, heading: Heading = 'h3' }: PlanCardProps) => (
  <li className={clsx('grid content-between gap-3 rounded-lg border p-4', isCurrent || isAskedFor ? 'border-accent' : 'border-line')}>
    <div className="grid gap-1">
      <Heading className="flex items-baseline justify-between gap-3 font-medium">
        {plan.name}
        <span>
          £{plan.price} <span className="text-sm font-normal text-muted">a month</span>
        </span>
      </Heading>
      <ul className="text-sm text-muted">
        {plan.features.map((feature) => (
          <li key={feature}>{feature}</li>
        ))}
        <li>{plan.dailyUnits < 0 ? 'Any number of calls of models' : `${plan.dailyUnits} calls of models a day`}</li>
      </ul>
    </div>
    {isCurrent ? <p className="text-sm font-medium">Your plan</p> : action}
  </li>
)
