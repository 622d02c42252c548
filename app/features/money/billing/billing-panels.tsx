import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Budgets } from '../budgets/budgets.tsx'
import { ByokSection } from './byok-section.tsx'
import { CheckoutMessage } from './checkout-message.tsx'
import { CreditsSection } from './credits-section.tsx'
import { InvoicesSection } from './invoices-section.tsx'
import { PlanSection } from './plan-section.tsx'
import { UsageSection } from './usage-section.tsx'

/** All about what the workspace pays and uses. What a server that asks for no money has no use for is left out. */
export function BillingPanels() {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.billing.info.queryOptions())
  const takesPayments = data?.takesPayments === true
  return (
    <div className="grid gap-5">
      <CheckoutMessage />
      <PlanSection />
      <UsageSection takesPayments={takesPayments} />
      <Budgets />
      <CreditsSection takesPayments={takesPayments} />
      {takesPayments && <InvoicesSection />}
      <ByokSection />
    </div>
  )
}
