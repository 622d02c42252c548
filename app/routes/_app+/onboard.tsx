import type { MetaFunction } from '@remix-run/node'
import { ButtonLink } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/notice.tsx'
import { PageHeader } from '../../ui/page.tsx'
import { usePath } from '../../workspace/workspace.ts'

export const meta: MetaFunction = () => [{ title: 'Ready · Agentbot' }]

/** Where those are sent who want a plan and operate the server. */
export default function OnboardPage() {
  const pathOf = usePath()
  return (
    <>
      <PageHeader title="Ready" />
      <EmptyState
        title="You operate this server, and pay for no plan"
        action={
          <ButtonLink look="primary" to={pathOf('/agents')}>
            To your agents
          </ButtonLink>
        }
      >
        Your personal workspace has everything there is.
      </EmptyState>
    </>
  )
}
