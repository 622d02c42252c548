import type { MetaFunction } from '@remix-run/node'
import { CheckoutSuccess } from '../../features/money/billing/checkout-success.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Thank you · Agentbot' }]

export default function CheckoutSuccessPage() {
  return (
    <>
      <PageHeader title="Thank you" />
      <CheckoutSuccess />
    </>
  )
}
