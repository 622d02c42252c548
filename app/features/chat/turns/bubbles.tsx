import { RotateCw } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { Button } from '../../../ui/button.tsx'
import { Time } from '../../../ui/time.tsx'
import { useChat } from './chat-provider.tsx'
import type { ToolUse } from './live-turn.ts'
import { Markdown } from './markdown.tsx'
import { ToolRow } from './tool-row.tsx'

/** What the visitor said: on the right. */
export const UserBubble = ({ content, children }: { content: string; children?: ReactNode }) => (
  <div className="grid justify-items-end gap-1 pl-8 sm:pl-20">
    <p className="sr-only">You</p>
    <div className="max-w-full rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 [overflow-wrap:anywhere] whitespace-pre-wrap">
      {content}
    </div>
    {children}
  </div>
)

interface AgentBubbleProps {
  name: string
  content: string
  tools: ToolUse[]
  children?: ReactNode
}

/** What the agent said: on the left, with what it used. */
export const AgentBubble = ({ name, content, tools, children }: AgentBubbleProps) => (
  <div className="grid justify-items-start gap-1 pr-4 sm:pr-20">
    <p className="text-xs font-medium text-muted">{name}</p>
    <div className="max-w-full min-w-0">
      {tools.map((tool, index) => (
        <ToolRow key={index} tool={tool} />
      ))}
      {content && <Markdown text={content} />}
    </div>
    {children}
  </div>
)

/** What happens before the next word: which tool is about to be used, or that the model thinks, and what. */
export const Working = ({ name, nextTool, reasoning }: { name: string; nextTool: string | null; reasoning: string }) => (
  <div className="grid max-w-full gap-2 text-sm text-muted">
    <p className="flex items-center gap-2">
      <span aria-hidden className="size-2 animate-lamp rounded-full bg-accent" />
      {nextTool ? (
        <span>
          {name} is about to use <span className="font-mono text-ink">{nextTool}</span>
        </span>
      ) : (
        `${name} is ${reasoning ? 'thinking' : 'working on it'}`
      )}
    </p>
    {reasoning && (
      <details>
        <summary className="cursor-pointer">What it thinks</summary>
        <p className="mt-1 rounded-lg bg-sunken p-3 [overflow-wrap:anywhere] whitespace-pre-wrap">{reasoning}</p>
      </details>
    )}
  </div>
)

interface StoredMessageProps {
  message: Message
  agentName: string
  tools: ToolUse[]
  canRetry: boolean
}

const NO_ANSWER = {
  failed: 'No answer: the model failed.',
  aborted: 'The answer was cut off.',
  queued: 'Waits for its answer.',
  running: 'Is being answered.',
}

export const StoredMessage = memo(function StoredMessage({ message, agentName, tools, canRetry }: StoredMessageProps) {
  if (message.sender === 'agent') {
    return (
      <AgentBubble name={agentName} content={message.content} tools={tools}>
        {message.isPartial && <p className="text-xs text-muted">Cut off before its end</p>}
      </AgentBubble>
    )
  }
  const { state } = message
  const isRetryable = state === 'failed' || state === 'aborted'
  return (
    <UserBubble content={message.content}>
      {state && state !== 'answered' && (
        <div className="flex items-center gap-3 text-sm text-muted">
          <span>{NO_ANSWER[state]}</span>
          {isRetryable && canRetry && <RetryButton message={message} />}
        </div>
      )}
      <p className="text-xs text-muted">
        <Time at={message.timestamp} />
      </p>
    </UserBubble>
  )
})

/** Looks up the chat by itself, so that rows of the list need not follow every word that arrives. */
function RetryButton({ message }: { message: Message }) {
  const { retry } = useChat()
  return (
    <Button onClick={() => retry(message)}>
      <RotateCw size={14} aria-hidden /> Retry
    </Button>
  )
}
