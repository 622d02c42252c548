import type { MetaFunction } from '@remix-run/node'
import { Outlet, useParams } from '@remix-run/react'
import { AgentHeader } from '../../features/agents/definitions/agent-header.tsx'
import { AgentContext } from '../../features/agents/definitions/agent-context.ts'
import { AgentTabs } from '../../features/agents/definitions/agent-tabs.tsx'
import { useAgent } from '../../features/agents/definitions/use-agents.ts'
import { ChatProvider } from '../../features/chat/turns/chat-provider.tsx'
import { usePath } from '../../workspace/workspace.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { EmptyState, ErrorNotice, Skeleton } from '../../ui/notice.tsx'
import { describeError } from '../../trpc/errors.ts'

export const meta: MetaFunction = () => [{ title: 'Agent · Agentbot' }]

export default function AgentPage() {
  const pathOf = usePath()
  const agentId = useParams().agentId ?? ''
  const agent = useAgent(agentId)
  if (agent.data) {
    return (
      <AgentContext.Provider value={agent.data}>
        {/* Above the tabs: an answer goes on while another tab is open. */}
        <ChatProvider key={agentId} agentId={agentId}>
          {agent.isError && <ErrorNotice error={agent.error} onRetry={() => void agent.refetch()} />}
          <AgentHeader agent={agent.data} />
          <AgentTabs agentId={agentId} />
          <Outlet />
        </ChatProvider>
      </AgentContext.Provider>
    )
  }
  if (agent.isError && describeError(agent.error).code === 'AGENT_NOT_FOUND') {
    return (
      <EmptyState title="There is no such agent" action={<ButtonLink to={pathOf('/agents')}>See your agents</ButtonLink>}>
        It may have been deleted, or it belongs to another workspace.
      </EmptyState>
    )
  }
  if (agent.isError) return <ErrorNotice error={agent.error} onRetry={() => void agent.refetch()} />
  return (
    <div role="status" className="grid gap-4">
      <span className="sr-only">Loading the agent</span>
      <Skeleton className="h-12 w-2/3" />
      <Skeleton className="h-11" />
      <Skeleton className="h-72" />
    </div>
  )
}
