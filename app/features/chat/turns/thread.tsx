import { ArrowDown } from 'lucide-react'
import { Fragment, useEffect } from 'react'
import type { AgentDetail } from '../../../../server/agents/definitions/agents.contract.ts'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { isUp } from '../../../../server/agents/definitions/agent-status.contract.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { AgentBubble, StoredMessage, UserBubble, Working } from './bubbles.tsx'
import { useChat } from './chat-provider.tsx'
import type { ToolUse } from './live-turn.ts'
import { useStickToBottom } from './use-stick-to-bottom.ts'

const NO_TOOLS: ToolUse[] = []

interface ThreadProps {
  agent: AgentDetail
  messages: Message[]
  /** A session that was opened and has no messages yet. */
  newSessionId: string | null
  onOlder: (() => void) | undefined
  isLoadingOlder: boolean
}

export function Thread({ agent, messages, newSessionId, onOlder, isLoadingOlder }: ThreadProps) {
  const { live, problem, toolsOf, announcement } = useChat()
  const { list, content, onScroll, isAtEnd, toEnd, keepPlace } = useStickToBottom()
  const isAnswering = live !== null
  useEffect(() => {
    if (isAnswering) toEnd()
  }, [isAnswering, toEnd])
  const loadOlder = () => {
    keepPlace()
    onOlder?.()
  }
  const canRetry = isUp(agent.status) && !live
  // While a message is retried, what there was of its first answer goes.
  const shown = live ? messages.filter(({ replyTo }) => !replyTo || replyTo !== live.messageId) : messages
  const isNewQuestion = live && !shown.some(({ id }) => id === live.messageId)
  const isNewSession = newSessionId !== null && !messages.some(({ sessionId }) => sessionId === newSessionId)
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={list}
        role="log"
        aria-label={`Conversation with ${agent.name}`}
        aria-live="off"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        className="relative h-full overflow-y-auto rounded-xl px-1 -outline-offset-2!"
      >
        <div ref={content} className="mx-auto grid max-w-3xl gap-5 py-4">
          {onOlder && (
            <Button look="quiet" className="justify-self-center" onClick={loadOlder} isBusy={isLoadingOlder}>
              Load older messages
            </Button>
          )}
          {shown.map((message, index) => (
            <Fragment key={message.id}>
              {index > 0 && message.sessionId !== shown[index - 1]?.sessionId && <SessionDivider />}
              <StoredMessage message={message} agentName={agent.name} tools={toolsOf[message.id] ?? NO_TOOLS} canRetry={canRetry} />
              {problem?.messageId === message.id && !live && <ErrorNotice error={problem.error} />}
            </Fragment>
          ))}
          {isNewSession && <SessionDivider />}
          {isNewQuestion && <UserBubble content={live.content} />}
          {live && (
            <AgentBubble name={agent.name} content={live.text} tools={live.tools}>
              {live.isStopped ? (
                <p className="text-sm text-muted">Stopped</p>
              ) : (
                (!live.text || live.nextTool) && <Working name={agent.name} nextTool={live.nextTool} reasoning={live.reasoning} />
              )}
            </AgentBubble>
          )}
          {problem && !live && problem.messageId === null && <ErrorNotice error={problem.error} />}
        </div>
      </div>
      {!isAtEnd && (
        <Button className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lg" onClick={toEnd}>
          <ArrowDown size={16} aria-hidden /> Latest
        </Button>
      )}
      {/* The list is silent, or every word would be read out; the whole answer is said once. */}
      <p role="status" className="sr-only">
        {live ? `${agent.name} is answering` : announcement && `${agent.name}: ${announcement}`}
      </p>
    </div>
  )
}

const SessionDivider = () => (
  <div className="flex items-center gap-3 text-xs text-muted">
    <hr className="flex-1 border-line" />
    <span className="text-center">New session: the messages above are no longer sent along</span>
    <hr className="flex-1 border-line" />
  </div>
)
