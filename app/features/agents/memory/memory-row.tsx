import { Pencil, Trash2 } from 'lucide-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import { flushSync } from 'react-dom'
import { toast } from 'sonner'
import { useMay } from '../../../workspace/workspace.ts'
import { describeError } from '../../../trpc/errors.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { control } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { fromText, toText } from './memory-text.ts'
import { useMemoryOf } from './use-memory.ts'

interface MemoryRowProps {
  agentId: string
  memoryKey: string
  value: unknown
}

export function MemoryRow({ agentId, memoryKey, value }: MemoryRowProps) {
  const { store, remove } = useMemoryOf(agentId)
  const mayChange = useMay('memory:write')
  const [draft, setDraft] = useState<string | null>(null)
  const editButton = useRef<HTMLButtonElement>(null)

  const close = () => {
    // The focus would be lost with the field, so it goes back to where it came from.
    flushSync(() => setDraft(null))
    editButton.current?.focus()
  }
  const save = () => {
    if (draft !== null) store.mutate({ agentId, values: { [memoryKey]: fromText(draft) } }, { onSuccess: close })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close()
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
  }
  const forget = () =>
    remove.mutate(
      { agentId, key: memoryKey },
      {
        onSuccess: () =>
          toast.success(`“${memoryKey}” was forgotten.`, {
            action: { label: 'Undo', onClick: () => store.mutate({ agentId, values: { [memoryKey]: value } }) },
          }),
        onError: (error) => toast.error(describeError(error).message),
      },
    )
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 sm:grid-cols-[12rem_1fr_auto] sm:items-start sm:px-5">
      <p className="font-mono text-sm font-medium py-2 [overflow-wrap:anywhere]">{memoryKey}</p>
      {draft === null ? (
        <>
          <pre className="order-last col-span-2 line-clamp-6 min-w-0 font-mono text-sm [overflow-wrap:anywhere] whitespace-pre-wrap sm:order-none sm:col-span-1 sm:py-2">
            {toText(value)}
          </pre>
          {mayChange && (
            <div className="flex justify-end">
              <IconButton ref={editButton} label={`Edit ${memoryKey}`} onClick={() => setDraft(toText(value))}>
                <Pencil size={16} aria-hidden />
              </IconButton>
              <IconButton label={`Forget ${memoryKey}`} onClick={forget} disabled={remove.isPending}>
                <Trash2 size={16} aria-hidden />
              </IconButton>
            </div>
          )}
        </>
      ) : (
        <div className="col-span-2 grid gap-2">
          <textarea
            autoFocus
            aria-label={`Value of ${memoryKey}`}
            rows={2}
            className={`${control} field-sizing-content max-h-96 font-mono`}
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={onKeyDown}
          />
          {store.isError && <ErrorNotice error={store.error} />}
          <div className="flex items-center justify-end gap-2">
            <p className="mr-auto text-xs text-muted">{typeof fromText(draft) === 'string' ? 'Text' : 'JSON'}</p>
            <Button onClick={close}>Cancel</Button>
            <Button look="primary" onClick={save} isBusy={store.isPending}>
              Save
            </Button>
          </div>
        </div>
      )}
    </li>
  )
}
