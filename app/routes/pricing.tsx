import { data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { CheckoutMessage } from '../features/money/billing/checkout-message.tsx'
import { PriceList } from '../features/money/billing/price-list.tsx'
import { findVisitor } from '../http/page.server.ts'
import { Brand } from '../shell/brand.tsx'
import { ThemeSwitch } from '../shell/theme-switch.tsx'
import { ButtonLink } from '../ui/button.tsx'

export const meta: MetaFunction = () => [
  { title: 'Plans · Agentbot' },
  { name: 'description', content: 'Plans for agents on this server, by the month.' },
]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, headers } = await findVisitor(request, context)
  return data({ isSignedIn: user !== null, takesPayments: context.platform.env.STRIPE_SECRET_KEY !== undefined }, { headers })
}

export default function PricingPage() {
  const { isSignedIn, takesPayments } = useLoaderData<typeof loader>()
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-4 sm:px-6">
      <header className="flex items-center justify-between gap-2 py-3">
        <Link to="/">
          <Brand />
        </Link>
        <div className="flex items-center gap-1">
          <ThemeSwitch />
          <ButtonLink look="quiet" to={isSignedIn ? '/billing' : '/login'}>
            {isSignedIn ? 'Billing' : 'Sign in'}
          </ButtonLink>
        </div>
      </header>
      <main id="main" className="grid gap-6 py-8">
        <div className="grid gap-1">
          <h1>Plans</h1>
          <p className="text-sm text-muted">By the month, in pounds. The first seven days of the first plan are free.</p>
        </div>
        <CheckoutMessage />
        <PriceList takesPayments={takesPayments} />
      </main>
    </div>
  )
}
