import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { VerifyEmailPanel } from '../../features/identity/mailbox/verify-email-panel.tsx'
import { findVisitor } from '../../http/page.server.ts'

export const meta: MetaFunction = () => [{ title: 'Confirm your address · Agentbot' }]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user } = await findVisitor(request, context)
  return { isSignedIn: user !== null }
}

export default function VerifyEmailPage() {
  const { isSignedIn } = useLoaderData<typeof loader>()
  return (
    <>
      <h1>Confirm your address</h1>
      <VerifyEmailPanel isSignedIn={isSignedIn} />
    </>
  )
}
