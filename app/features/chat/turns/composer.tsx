import { CircleStop, MessageSquarePlus, SendHorizontal } from 'lucide-react'
import { useRef, type FormEvent, type KeyboardEvent } from 'react'
import { Button, IconButton } from '../../../ui/button.tsx'
import { useChat } from './chat-provider.tsx'

const MAX_MESSAGE_LENGTH = 32_000

const EXAMPLES = ['remember my name is Ada', 'what is my name?', 'calculate 2 * (3 + 4)', 'help']

interface ComposerProps {
  agentName: string
  /** Whether the model knows commands only. */
  isCommandOnly: boolean
  onNewSession(): void
  isOpeningSession: boolean
}

export function Composer({ agentName, isCommandOnly, onNewSession, isOpeningSession }: ComposerProps) {
  const { live, draft, setDraft, send, stop } = useChat()
  const input = useRef<HTMLTextAreaElement>(null)
  const canSend = draft.trim() !== '' && !live

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSend) send(draft.trim())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends a word that is being composed, as in Japanese.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event)
  }
  const useExample = (example: string) => {
    setDraft(example)
    input.current?.focus()
  }
  return (
    <form onSubmit={submit} className="mx-auto w-full max-w-3xl">
      {isCommandOnly && draft === '' && (
        <div role="group" aria-label="Commands to try" className="-mx-4 flex gap-2 overflow-x-auto px-4 pb-2 sm:mx-0 sm:flex-wrap sm:px-0">
          {EXAMPLES.map((example) => (
            <button
              key={example}
              type="button"
              onClick={() => useExample(example)}
              className="min-h-9 shrink-0 rounded-full border border-line bg-surface px-3 text-sm text-muted hover:border-line-strong hover:text-ink"
            >
              {example}
            </button>
          ))}
        </div>
      )}
      <div className="flex items-end gap-1 rounded-2xl border border-line-strong bg-surface p-1.5 has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-(--focus)">
        <IconButton label="New session" onClick={onNewSession} disabled={isOpeningSession || live !== null}>
          <MessageSquarePlus size={18} aria-hidden />
        </IconButton>
        <textarea
          ref={input}
          aria-label={`Message to ${agentName}`}
          placeholder="Write a message"
          rows={1}
          maxLength={MAX_MESSAGE_LENGTH}
          enterKeyHint="send"
          className="field-sizing-content max-h-40 min-h-10 w-full min-w-0 resize-none bg-transparent px-1 py-2 text-base focus-visible:outline-none sm:text-sm"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {live ? (
          <Button onClick={stop} disabled={live.isStopped} aria-label="Stop the answer" className="px-3!">
            <CircleStop size={16} aria-hidden />
            <span aria-hidden className="max-sm:hidden">
              Stop
            </span>
          </Button>
        ) : (
          <Button type="submit" look="primary" disabled={!canSend} aria-label="Send" className="px-3!">
            <SendHorizontal size={16} aria-hidden />
          </Button>
        )}
      </div>
      <p className="mt-1.5 hidden text-center text-xs text-muted sm:block">Enter sends, Shift and Enter begins a new line.</p>
    </form>
  )
}
