import type { MetaFunction } from '@remix-run/node'
import { BillingPanels } from '../../features/money/billing/billing-panels.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Billing · Agentbot' }]

export default function BillingPage() {
  return (
    <>
      <PageHeader title="Billing">What this workspace pays for, and what it uses of it.</PageHeader>
      <BillingPanels />
    </>
  )
}
