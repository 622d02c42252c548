import { useSearchParams } from '@remix-run/react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { usePath } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { useOpenAgent } from '../../agents/definitions/agent-context.ts'
import { Button, ButtonLink } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'

const PAGE_SIZE = 25

/** Everything that was said, newest first, page by page. */
export function MessageHistory() {
  const agent = useOpenAgent()
  const trpc = useTRPC()
  const pathOf = usePath()
  const [params, setParams] = useSearchParams()
  const page = Math.max(1, Math.floor(Number(params.get('page'))) || 1)
  const { data, error, isError, refetch, isPlaceholderData } = useQuery(
    trpc.conversations.agentMessages.queryOptions(
      { agentId: agent.id, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE },
      { placeholderData: keepPreviousData },
    ),
  )
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={6} className="h-12" />
  if (data.total === 0) {
    return (
      <EmptyState title="No messages yet" action={<ButtonLink to={pathOf(`/agents/${agent.id}`)}>Open the chat</ButtonLink>}>
        Whatever you and {agent.name} say, here or through the API, is listed here.
      </EmptyState>
    )
  }
  const pages = Math.max(1, Math.ceil(data.total / PAGE_SIZE))
  const goTo = (to: number) => setParams(to === 1 ? {} : { page: String(to) }, { preventScrollReset: true })
  return (
    <div className="grid gap-4" aria-busy={isPlaceholderData}>
      <ul className="rounded-xl border border-line bg-surface">
        {data.messages.map((message) => (
          <MessageRow key={message.id} message={message} agentName={agent.name} />
        ))}
      </ul>
      <nav aria-label="Pages of messages" className="flex items-center justify-between gap-3 text-sm">
        <Button disabled={page <= 1} onClick={() => goTo(Math.min(page - 1, pages))}>
          Newer
        </Button>
        <p className="text-muted">
          Page {page} of {pages}, {data.total} {data.total === 1 ? 'message' : 'messages'}
        </p>
        <Button disabled={page >= pages} onClick={() => goTo(page + 1)}>
          Older
        </Button>
      </nav>
    </div>
  )
}

const states: Record<NonNullable<Message['state']>, string> = {
  queued: 'waits for its answer',
  running: 'is being answered',
  answered: 'answered',
  failed: 'failed',
  aborted: 'cut off',
}

function MessageRow({ message, agentName }: { message: Message; agentName: string }) {
  const { sender, content, platform, topic, state, isPartial, timestamp } = message
  const facts = [platform, topic && `topic ${topic}`, state && states[state], isPartial && 'cut off']
  return (
    <li className="grid gap-1 border-b border-line px-4 py-3 last:border-b-0 sm:px-5">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className="font-medium">{sender === 'user' ? 'You' : agentName}</span>
        <span className="text-muted">
          {facts.filter(Boolean).join(' · ')} · <Time at={timestamp} isExact />
        </span>
      </p>
      <p className="line-clamp-4 text-sm [overflow-wrap:anywhere] whitespace-pre-wrap">{content}</p>
    </li>
  )
}
