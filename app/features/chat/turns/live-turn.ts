import type { z } from 'zod'
import type { ChatDone, ChatEvent } from '../../../../server/chat/turns/chat.contract.ts'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'

/** A tool and what went in and out; JSON has no `undefined`, so either may be missing. */
export interface ToolUse {
  name: string
  input?: unknown
  result?: unknown
}
/** An event as it comes out of the stream. */
export type StreamEvent = Exclude<ChatEvent, { type: 'tool' }> | ({ type: 'tool' } & ToolUse)
export type Done = z.infer<typeof ChatDone>

/** A message whose answer is being written, as this page watches it. */
export interface LiveTurn {
  /** What was asked. */
  content: string
  /** Unknown until the server has stored it. */
  messageId: string | null
  tools: ToolUse[]
  /** Name of the tool the model is about to use. */
  nextTool: string | null
  /** What the model thinks, where it says so. */
  reasoning: string
  text: string
  isStopped: boolean
}

export const newTurn = (content: string, messageId: string | null = null): LiveTurn => ({
  content,
  messageId,
  tools: [],
  nextTool: null,
  reasoning: '',
  text: '',
  isStopped: false,
})

/** The turn after an event. */
export function advance(turn: LiveTurn, event: StreamEvent): LiveTurn {
  switch (event.type) {
    case 'start':
      return { ...turn, messageId: event.id }
    case 'delta':
      return { ...turn, text: turn.text + event.text }
    case 'reasoning':
      return { ...turn, reasoning: turn.reasoning + event.text }
    case 'tool-input':
      return { ...turn, nextTool: event.name }
    case 'tool':
      return { ...turn, nextTool: null, tools: [...turn.tools, { name: event.name, input: event.input, result: event.result }] }
    case 'done':
      return turn
  }
}

/** Messages, newest first, after one of them was answered: no need to ask the server for what it just said. */
export function withAnswer(messages: Message[], done: Done, now: string): Message[] {
  const common = { agentId: done.agentId, platform: 'webchat' as const, topic: done.topic, sessionId: done.sessionId, isPartial: false }
  const question: Message = {
    ...common,
    id: done.id,
    sender: 'user',
    content: done.message,
    timestamp: done.timestamp,
    replyTo: null,
    state: 'answered',
  }
  const reply: Message = {
    ...common,
    id: done.replyId,
    sender: 'agent',
    content: done.reply,
    timestamp: now,
    replyTo: done.id,
    state: null,
  }
  // A retried message is there already, perhaps with an answer that was cut off.
  const rest = messages.filter(({ replyTo }) => replyTo !== done.id)
  const isKnown = rest.some(({ id }) => id === done.id)
  return isKnown
    ? [reply, ...rest.map((message) => (message.id === done.id ? { ...message, state: question.state } : message))]
    : [reply, question, ...rest]
}
