import type { MetaFunction } from '@remix-run/node'
import { Budgets } from '../../features/money/budgets/budgets.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Billing · Agentbot' }]

export default function BillingPage() {
  return (
    <>
      <PageHeader title="Billing">What this workspace may spend, and what it has spent.</PageHeader>
      <Budgets />
    </>
  )
}
