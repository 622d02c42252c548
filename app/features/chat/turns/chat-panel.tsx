import { useMutation } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { useOpenAgent } from '../../agents/definitions/agent-context.ts'
import { LOCAL_COMMANDS } from '../../agents/definitions/model-select.tsx'
import { isUp } from '../../../../server/agents/definitions/agent-status.contract.ts'
import { useLifecycle } from '../../agents/definitions/use-agents.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { useChat } from './chat-provider.tsx'
import { Composer } from './composer.tsx'
import { Thread } from './thread.tsx'
import { useMessages } from './use-messages.ts'

export function ChatPanel() {
  const agent = useOpenAgent()
  const trpc = useTRPC()
  const { live, problem } = useChat()
  const { messages, isPending, isError, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useMessages(agent.id)
  const [newSessionId, setNewSessionId] = useState<string | null>(null)
  const openSession = useMutation(
    trpc.conversations.create.mutationOptions({
      onSuccess: ({ sessionId }) => setNewSessionId(sessionId),
      onError: (error) => toast.error(describeError(error).message),
    }),
  )
  const mayTalk = useMay('chat:write')
  const isCommandOnly = agent.model === LOCAL_COMMANDS
  const isEmpty = messages.length === 0 && !live && !problem
  return (
    <section data-fills-page aria-label="Chat" className="flex min-h-0 flex-1 flex-col">
      {isPending ? (
        <div className="flex-1 py-4">
          <SkeletonList className="h-14" />
        </div>
      ) : isError && isEmpty ? (
        <div className="flex-1 py-4">
          <ErrorNotice error={error} onRetry={() => void refetch()} />
        </div>
      ) : isEmpty ? (
        <Greeting name={agent.name} isCommandOnly={isCommandOnly} />
      ) : (
        <Thread
          agent={agent}
          messages={messages}
          newSessionId={newSessionId}
          onOlder={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingOlder={isFetchingNextPage}
        />
      )}
      <div className="pt-3">
        {!mayTalk ? (
          <p className="text-center text-sm text-muted">As a viewer of this workspace you read along.</p>
        ) : isUp(agent.status) ? (
          <Composer
            agentName={agent.name}
            isCommandOnly={isCommandOnly}
            onNewSession={() => openSession.mutate({ agentId: agent.id })}
            isOpeningSession={openSession.isPending}
          />
        ) : (
          <StartFirst />
        )}
      </div>
    </section>
  )
}

const Greeting = ({ name, isCommandOnly }: { name: string; isCommandOnly: boolean }) => (
  <div className="grid flex-1 content-center justify-items-center gap-2 px-4 text-center">
    <h2>Say something to {name}</h2>
    <p className="max-w-md text-sm text-muted">
      {isCommandOnly
        ? 'Its model is local/commands, which is not a language model: it remembers, recalls and calculates on command. Try one of those below.'
        : 'The conversation is kept, and so is what the agent decides to remember.'}
    </p>
  </div>
)

function StartFirst() {
  const agent = useOpenAgent()
  const { start, isStarting, isBusy } = useLifecycle(agent)
  return (
    <div className="mx-auto flex max-w-3xl flex-wrap items-center justify-between gap-3 rounded-2xl border border-line bg-sunken px-4 py-3 text-sm">
      <p>Start the agent to talk to it.</p>
      <Button look="primary" onClick={start} isBusy={isStarting} disabled={isBusy}>
        {!isStarting && <Play size={14} aria-hidden />} Start {agent.name}
      </Button>
    </div>
  )
}
