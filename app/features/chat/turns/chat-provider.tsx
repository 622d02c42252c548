import { createContext, useContext, useRef, useState, type ReactNode } from 'react'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { useTRPCClient } from '../../../trpc/client.tsx'
import { isAbort } from '../../../trpc/errors.ts'
import { eventsOf } from '../../../trpc/subscription-events.ts'
import { advance, newTurn, type LiveTurn, type StreamEvent, type ToolUse } from './live-turn.ts'
import { useMessagesCache } from './use-messages.ts'

interface Chat {
  /** The answer being written, if any. One at a time. */
  live: LiveTurn | null
  /** Why the last message got no answer. `messageId` is null when the server did not take it. */
  problem: { messageId: string | null; error: unknown } | null
  draft: string
  setDraft(draft: string): void
  /** What an answer given on this page was made with; the server does not keep it. */
  toolsOf: Record<string, ToolUse[]>
  /** The last complete answer, for screen readers. */
  announcement: string
  send(text: string): void
  retry(message: Message): void
  stop(): void
}

const ChatContext = createContext<Chat | null>(null)

export function useChat(): Chat {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('This part belongs inside of a ChatProvider.')
  return chat
}

/** Words arrive faster than they need to be drawn. */
const DRAW_MS = 40
/** What the server needs to notice that its reader is gone, and to store what there is of the answer. */
const SETTLE_MS = 400

type OpenStream = (signal: AbortSignal) => AsyncIterable<StreamEvent>

/** Holds the conversation with one agent, so that it goes on while another tab of the agent is open. */
export function ChatProvider({ agentId, children }: { agentId: string; children: ReactNode }) {
  const client = useTRPCClient()
  const cache = useMessagesCache(agentId)
  const [live, setLive] = useState<LiveTurn | null>(null)
  const [problem, setProblem] = useState<Chat['problem']>(null)
  const [draft, setDraft] = useState('')
  const [toolsOf, setToolsOf] = useState<Chat['toolsOf']>({})
  const [announcement, setAnnouncement] = useState('')
  const running = useRef<AbortController | null>(null)

  async function follow(first: LiveTurn, open: OpenStream): Promise<void> {
    const controller = new AbortController()
    running.current = controller
    setProblem(null)
    setAnnouncement('')
    setLive(first)
    let turn = first
    let drawing: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      drawing = undefined
      setLive(turn)
    }
    try {
      for await (const event of open(controller.signal)) {
        turn = advance(turn, event)
        if (event.type === 'done') {
          const { tools } = turn
          cache.addAnswer(event)
          setToolsOf((known) => ({ ...known, [event.replyId]: tools }))
          setAnnouncement(event.reply)
        } else {
          drawing ??= setTimeout(draw, DRAW_MS)
        }
      }
    } catch (error) {
      clearTimeout(drawing)
      if (isAbort(error) || controller.signal.aborted) {
        setLive({ ...turn, isStopped: true })
        await new Promise((settled) => setTimeout(settled, SETTLE_MS))
      } else {
        setProblem({ messageId: turn.messageId, error })
        if (turn.messageId === null) setDraft((typed) => typed || turn.content)
      }
      await cache.refresh()
    } finally {
      clearTimeout(drawing)
      running.current = null
      setLive(null)
    }
  }

  const chat: Chat = {
    live,
    problem,
    draft,
    setDraft,
    toolsOf,
    announcement,
    send(text) {
      if (running.current) return
      setDraft('')
      void follow(newTurn(text), (signal) =>
        eventsOf<StreamEvent>(signal, (handlers) => client.chat.stream.subscribe({ agentId, message: text }, handlers)),
      )
    },
    retry({ id, content }) {
      if (running.current) return
      void follow(newTurn(content, id), (signal) =>
        eventsOf<StreamEvent>(signal, (handlers) => client.chat.streamRetry.subscribe({ messageId: id }, handlers)),
      )
    },
    stop: () => running.current?.abort(),
  }
  return <ChatContext.Provider value={chat}>{children}</ChatContext.Provider>
}
