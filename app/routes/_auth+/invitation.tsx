import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { data } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { InvitationCard } from '../../features/identity/invitations/invitation-card.tsx'
import { findVisitor } from '../../http/page.server.ts'

export const meta: MetaFunction = () => [{ title: 'Invitation · Agentbot' }]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, headers } = await findVisitor(request, context)
  return data({ visitor: user && { email: user.email } }, { headers })
}

export default function InvitationPage() {
  const { visitor } = useLoaderData<typeof loader>()
  return (
    <>
      <h1>You are invited</h1>
      <InvitationCard visitor={visitor} />
    </>
  )
}
